import { join } from 'node:path'
import { jetStreamAnswers } from '@spawnpoint/messaging'
import { eventually } from './eventually.ts'
import { freePort } from './free-port.ts'
import { keptSecret } from './kept-secret.ts'
import { type NatsPasswords, type NatsUrls, natsUrls } from './nats-users.ts'
import { type PrivateNats, startPrivateNats } from './private-nats.ts'

export type NatsCluster = AsyncDisposable & {
  nodes: PrivateNats[]
  url: string
  /** Each with all nodes. */
  urls: NatsUrls
  description: string
  version: string
  owned: true
}

export type NatsClusterOptions = {
  binary: string
  dataDir: string
  passwords: NatsPasswords
  nodes?: number
  /** Where the node `from` reaches the node `to`, which listens on `port`: a test puts a wire in between. */
  route?: (from: number, to: number, port: number) => Promise<string>
}

/** Nodes of one cluster as processes on loopback ports; each stream can be stored on several of them. */
export async function startNatsCluster(options: NatsClusterOptions): Promise<NatsCluster> {
  const { binary, dataDir, passwords, nodes: count = 3 } = options
  const indexes = Array.from({ length: count }, (_, index) => index)
  const password = keptSecret(join(dataDir, 'node-password'))
  const ports: number[] = []
  for (const _ of indexes) ports.push(await freePort())
  const route = options.route ?? (async (_from, _to, port) => `127.0.0.1:${port}`)
  const clusterOf = async (from: number) => {
    const others = indexes.filter((to) => to !== from)
    const hosts = await Promise.all(others.map((to) => route(from, to, ports[to] ?? 0)))
    return {
      node: `node-${from + 1}`,
      listen: `127.0.0.1:${ports[from]}`,
      password: JSON.stringify(password),
      routes: JSON.stringify(hosts.map((host) => `nats://node:${password}@${host}`)),
      // Routes are those that are listed; another node must not find a way around them.
      ...(options.route ? { advertise: '127.0.0.1:1' } : {}),
    }
  }
  const started = await Promise.allSettled(
    indexes.map(async (index) =>
      startPrivateNats({
        binary,
        dataDir: join(dataDir, `node-${index + 1}`),
        passwords,
        cluster: await clusterOf(index),
      }),
    ),
  )
  const nodes = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const stop = async () => void (await Promise.all(nodes.map((node) => node[Symbol.asyncDispose]())))
  try {
    for (const one of started) if (one.status === 'rejected') throw one.reason
    const hosts = nodes.map(({ url }) => new URL(url).host).join(',')
    const urls = natsUrls(hosts, passwords)
    await eventually(() => jetStreamAnswers(urls.operator), { timeoutMs: 60_000 })
    const version = nodes[0]?.version ?? 'unknown'
    return {
      nodes,
      url: urls.admin ?? urls.operator,
      urls,
      version,
      description: `nats-server ${version} (private cluster of ${count}, ${hosts})`,
      owned: true,
      [Symbol.asyncDispose]: stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}
