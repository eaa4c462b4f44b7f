import { connect } from 'nats'
import { natsOptions } from './nats-url.ts'

/** Connects once and describes the server; `jetstream` is false where the server runs without it. */
export async function describeNats(url: string): Promise<{ version: string; jetstream: boolean }> {
  const connection = await connect({ ...natsOptions(url), timeout: 2_000, reconnect: false })
  try {
    const { version = 'unknown', jetstream } = connection.info ?? {}
    return { version, jetstream: jetstream === true }
  } finally {
    await connection.close()
  }
}
