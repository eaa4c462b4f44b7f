import { describeNats } from '@spawnpoint/messaging'
import { dockerAnswers, startContainer } from './docker.ts'
import { eventually } from './eventually.ts'
import { findBinary } from './find-binary.ts'
import { canInstallPackages, installPackages } from './install-packages.ts'
import { startPrivateNats } from './private-nats.ts'

export type Nats = AsyncDisposable & {
  url: string
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
  log?: (line: string) => void
}

/** The server that was given, else one of our own: from this machine's binaries, from Docker, from the distribution's packages. */
export async function openNats({ dataDir, url, log = () => {} }: OpenNatsOptions): Promise<Nats> {
  if (url) return useGiven(url)
  const binary = findNatsBinary()
  if (binary) return startPrivateNats({ binary, dataDir })
  if (await dockerAnswers()) return startInDocker()
  if (canInstallPackages()) await installPackages(['nats'], log)
  const installed = findNatsBinary()
  if (installed) return startPrivateNats({ binary: installed, dataDir })
  throw new Error(
    'No nats-server here. Install it (apt install nats-server, brew install nats-server), start Docker, or give NATS_URL=nats://host:4222',
  )
}

export function findNatsBinary(): string | undefined {
  return findBinary(['nats-server'])
}

async function useGiven(url: string): Promise<Nats> {
  const { version } = await withJetStream(url).catch((cause: unknown) => {
    throw new Error(`NATS_URL was given, but cannot be used: ${cause}`, { cause })
  })
  const where = url.replaceAll(/\/\/[^@,]*@/g, '//')
  const description = `nats-server ${version} (given, ${where})`
  return { url, description, version, owned: false, [Symbol.asyncDispose]: async () => {} }
}

async function withJetStream(url: string): Promise<{ version: string }> {
  const server = await describeNats(url)
  if (!server.jetstream) throw new Error('the server runs without JetStream (start it with -js)')
  return server
}

async function startInDocker(): Promise<Nats> {
  const container = await startContainer('nats', 4222)
  const url = `nats://127.0.0.1:${container.port}`
  const { version } = await eventually(() => withJetStream(url), { timeoutMs: 30_000 })
  const description = `nats-server ${version} (Docker, 127.0.0.1:${container.port})`
  return {
    url,
    description,
    version,
    owned: true,
    [Symbol.asyncDispose]: () => container[Symbol.asyncDispose](),
  }
}
