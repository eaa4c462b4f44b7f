import type { Owned } from '@spawnpoint/stack'
import type { SalePath } from '../sale-path/open-sale-path.ts'

const name = 'BENCH_FLOOR'

/** A stream set up as the services' are, and nothing between us and it. */
export async function openBareStream({ natsConnection }: SalePath, started: Owned) {
  const { streams } = await natsConnection.jetstreamManager()
  const { config } = await streams.info('BILLING')
  await streams.add({ ...config, name, subjects: ['floor.>'] })
  started.own({ [Symbol.asyncDispose]: async () => void (await streams.delete(name)) })
  const client = natsConnection.jetstream()
  return {
    async publish(type: string, id: string, envelope: string): Promise<void> {
      await client.publish(`floor.${type}`, envelope, { msgID: id })
    },
  }
}
