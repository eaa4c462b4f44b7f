import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeNats } from '@spawnpoint/messaging'
import { type Claim, inClaimedDirectory } from './claim-directory.ts'
import { versionLine } from './find-binary.ts'
import { freePort } from './free-port.ts'
import { type Launched, launch } from './launch.ts'
import { type NatsConfiguration, natsConfiguration } from './nats-configuration.ts'
import { authorization, type NatsPasswords, type NatsUrls, natsUrls } from './nats-users.ts'
import { writePrivateFile } from './private-files.ts'

export type PrivateNats = AsyncDisposable & {
  /** As a user who may do everything, where there is one; else as the operator. */
  url: string
  urls: NatsUrls
  description: string
  version: string
  owned: true
  /** Of the process that runs now. */
  pid(): number
  exited: Launched['exited']
  stop(): Promise<void>
  kill(): Promise<void>
  start(): Promise<void>
  /** Stops it and starts it again on the same port, with its streams. */
  restart(): Promise<void>
  /** The same with its streams deleted: a JetStream volume that was lost. */
  wipe(): Promise<void>
}

export type PrivateNatsOptions = {
  binary: string
  dataDir: string
  /** Left out: anybody may do everything. */
  passwords?: NatsPasswords
  /** As one of several nodes. */
  cluster?: NatsConfiguration['cluster']
}

/** A nats-server with JetStream of our own on a free loopback port. */
export function startPrivateNats(options: PrivateNatsOptions): Promise<PrivateNats> {
  return inClaimedDirectory(options.dataDir, (claim) => startIn({ ...options, claim }))
}

async function startIn({
  dataDir,
  claim,
  binary,
  passwords,
  cluster,
}: PrivateNatsOptions & { claim: Claim }): Promise<PrivateNats> {
  const version = /\d+\.\d+\.\d+/.exec(versionLine(binary))?.[0] ?? 'unknown'
  const port = await freePort(keptPort(dataDir))
  const urls = natsUrls(`127.0.0.1:${port}`, passwords)
  const url = urls.admin ?? urls.operator
  writeFileSync(join(dataDir, 'port'), String(port))
  writePrivateFile(
    join(dataDir, 'nats.conf'),
    natsConfiguration({
      listen: `127.0.0.1:${port}`,
      storeDir: JSON.stringify(storeDir(dataDir)),
      syncAlways: atLeast(version, 2, 10),
      users: passwords ? authorization(passwords) : undefined,
      cluster,
    }),
  )
  const run = () =>
    launch({
      name: 'nats-server',
      command: binary,
      args: ['--config', join(dataDir, 'nats.conf')],
      logFile: join(dataDir, 'server.log'),
      pidFile: claim.pidFile('server'),
      ready: async () => (await describeNats(url)).jetstream,
    })
  let server = await run()
  const stop = async () => void (await server.stop())
  const start = async () => {
    server = await run()
  }
  return {
    url,
    urls,
    description: `nats-server ${version} (private, 127.0.0.1:${port})`,
    version,
    owned: true,
    pid: () => server.pid,
    get exited() {
      return server.exited
    },
    stop,
    kill: async () => void (await server.kill()),
    start,
    restart: async () => {
      await stop()
      await start()
    },
    wipe: async () => {
      await stop()
      rmSync(storeDir(dataDir), { recursive: true, force: true })
      await start()
    },
    [Symbol.asyncDispose]: async () => {
      await stop()
      claim[Symbol.dispose]()
    },
  }
}

function atLeast(version: string, major: number, minor: number): boolean {
  const [has = 0, hasMinor = 0] = version.split('.').map(Number)
  return has > major || (has === major && hasMinor >= minor)
}

function storeDir(dataDir: string): string {
  return join(dataDir, 'streams')
}

function keptPort(dataDir: string): number | undefined {
  const file = join(dataDir, 'port')
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) : undefined
}
