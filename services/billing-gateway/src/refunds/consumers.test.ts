import { streamConsumers } from '@spawnpoint/contracts'
import { expect, test } from 'vitest'
import { consumers } from './consumers.ts'

test('the owners of the streams know of every consumer here', () => {
  for (const { name, stream } of consumers) expect(streamConsumers[stream]).toContain(name)
})
