import { streamConsumers } from '@spawnpoint/contracts'
import { expect, test } from 'vitest'
import { hears } from './consumers.ts'

test('the owners of the streams know of every consumer here', () => {
  for (const { name, stream } of hears) expect(streamConsumers[stream]).toContain(name)
})
