import { join } from 'node:path'
import type { Failpoint } from '@spawnpoint/service-kit'
import { armFailpoint, failpointSettings, type ServiceName } from '@spawnpoint/stack'
import type { Shop } from './shop.ts'

/** Services of a shop that die where they are told to, and are started again. */
export async function makeMortal({ stack }: Pick<Shop, 'stack'>, names: readonly ServiceName[]) {
  const fileOf = (name: ServiceName) => join(stack.logsDir, `${name}.die-at`)
  const revive = (name: ServiceName) => stack.services[name].start(failpointSettings(fileOf(name)))
  await Promise.all(
    names.map(async (name) => {
      await stack.services[name].stop()
      await revive(name)
    }),
  )
  return {
    dieAt: (name: ServiceName, point: Failpoint) => armFailpoint(stack.services[name], fileOf(name), point),
    revive,
  }
}

export type Mortal = Awaited<ReturnType<typeof makeMortal>>
