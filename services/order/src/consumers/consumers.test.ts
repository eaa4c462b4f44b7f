import { streamConsumers } from '@spawnpoint/contracts'
import { expect, test } from 'vitest'
import { consumers } from './consumers.ts'

test('the contracts list every consumer of this service', () => {
  for (const { name, stream } of consumers) expect(streamConsumers[stream]).toContain(name)
})
