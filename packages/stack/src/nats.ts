import { join } from 'node:path'
import { describeNats } from '@spawnpoint/messaging'
import { dockerAnswers, startContainer } from './docker.ts'
import { eventually } from './eventually.ts'
import { findBinary } from './find-binary.ts'
import { canInstallPackages, installPackages } from './install-packages.ts'
import { startNatsCluster } from './nats-cluster.ts'
import { natsConfiguration } from './nats-configuration.ts'
import { authorization, type NatsPasswords, type NatsUrls, natsUrls } from './nats-users.ts'
import { writePrivateFile } from './private-files.ts'
import { startPrivateNats } from './private-nats.ts'

export type Nats = AsyncDisposable & {
  /** As the operator. */
  url: string
  urls: NatsUrls
  /** `nats-server 2.12.3 (private, 127.0.0.1:21422)` */
  description: string
  version: string
  /** Started, and to be stopped, by us. */
  owned: boolean
}

export type OpenNatsOptions = {
  dataDir: string
  /** A server that is there already: used, never started or stopped. */
  url?: string | undefined
  /** What each user connects with, where a given server has them. */
  urls?: Partial<NatsUrls>
  /** Of a server of our own; left out: anybody may do everything. */
  passwords?: NatsPasswords | undefined
  /** More than one: a cluster, for which a nats-server has to be on this machine. */
  nodes?: number
  log?: (line: string) => void
}

/** The server that was given, else one of our own: from this machine's binaries, from Docker, from the distribution's packages. */
export async function openNats(options: OpenNatsOptions): Promise<Nats> {
  const { dataDir, url, urls = {}, passwords, nodes = 1, log = () => {} } = options
  if (url) return useGiven(url, urls)
  if (nodes > 1) return startCluster({ dataDir, passwords, nodes })
  const own = { dataDir, ...(passwords ? { passwords } : {}) }
  const binary = findNatsBinary()
  if (binary) return startPrivateNats({ ...own, binary })
  if (await dockerAnswers()) return startInDocker(own)
  if (canInstallPackages()) await installPackages(['nats'], log)
  const installed = findNatsBinary()
  if (installed) return startPrivateNats({ ...own, binary: installed })
  throw new Error(
    'No nats-server here. Install it (apt install nats-server, brew install nats-server), start Docker, or give NATS_URL=nats://host:4222',
  )
}

export function findNatsBinary(): string | undefined {
  return findBinary(['nats-server'])
}

async function useGiven(url: string, given: Partial<NatsUrls>): Promise<Nats> {
  const urls = { 'billing-gateway': url, order: url, provisioner: url, operator: url, ...given }
  const { version } = await withJetStream(url).catch((cause: unknown) => {
    throw new Error(`NATS_URL was given, but cannot be used: ${cause}`, { cause })
  })
  const where = url.replaceAll(/\/\/[^@,]*@/g, '//')
  const description = `nats-server ${version} (given, ${where})`
  return { url, urls, description, version, owned: false, [Symbol.asyncDispose]: async () => {} }
}

async function withJetStream(url: string): Promise<{ version: string }> {
  const server = await describeNats(url)
  if (!server.jetstream) throw new Error('the server runs without JetStream (start it with -js)')
  return server
}

async function startCluster({
  dataDir,
  passwords,
  nodes,
}: Required<Pick<OpenNatsOptions, 'dataDir' | 'nodes'>> & Pick<OpenNatsOptions, 'passwords'>): Promise<Nats> {
  const binary = findNatsBinary()
  if (!binary) throw new Error('A cluster needs nats-server on this machine: apt install nats-server')
  if (!passwords) throw new Error('A cluster of NATS is started with the passwords of its users')
  return startNatsCluster({ binary, dataDir: `${dataDir}-cluster`, passwords, nodes })
}

async function startInDocker({ dataDir, passwords }: OpenNatsOptions): Promise<Nats> {
  const configuration = join(dataDir, 'docker.conf')
  const text = natsConfiguration({
    ...{ listen: '0.0.0.0:4222', storeDir: '/data', syncAlways: true },
    users: passwords ? authorization(passwords) : undefined,
  })
  writePrivateFile(configuration, text)
  const container = await startContainer('nats', 4222, { NATS_CONFIGURATION: configuration })
  const urls = natsUrls(`127.0.0.1:${container.port}`, passwords)
  const url = urls.operator
  const { version } = await eventually(() => withJetStream(url), { timeoutMs: 30_000 })
  const description = `nats-server ${version} (Docker, 127.0.0.1:${container.port})`
  return {
    url,
    urls,
    description,
    version,
    owned: true,
    [Symbol.asyncDispose]: () => container[Symbol.asyncDispose](),
  }
}
