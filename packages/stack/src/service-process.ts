import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from './free-port.ts'
import { type Exit, type Launched, launch } from './launch.ts'
import { repositoryRoot } from './repository.ts'

export const serviceNames = ['billing-gateway', 'order', 'provisioner'] as const
export type ServiceName = (typeof serviceNames)[number]

export type ServiceOptions = {
  name: string
  env: Record<string, string>
  /** Taken when free; any other free port when not. */
  port?: number
  logsDir: string
  pidFile?: string
  /** The built entry; `services/<name>/dist/main.js` when left out. */
  entry?: string
  /** Given to node before the entry, such as `['--import', './preload.js']`. */
  nodeArgs?: string[]
  readyTimeoutMs?: number
}

export type ServiceProcess = AsyncDisposable & {
  name: string
  url: string
  port: number
  pid(): number
  /** From spawning to the first 200 of /readyz. */
  readyMs(): number
  rssMb(): number
  /** Settles when the process that runs now is gone. */
  exited(): Promise<Exit>
  tail(lines?: number): string
  stop(): Promise<Exit>
  /** kill -9 */
  kill(): Promise<Exit>
  /** After a stop, a kill or a crash: the same port and settings, but for those given here. */
  start(changes?: Pick<Partial<ServiceOptions>, 'env' | 'nodeArgs'>): Promise<void>
}

/** The bundle that `npm run build` makes of a service. */
export function entryOf(name: string): string {
  return join(repositoryRoot, 'services', name, 'dist/main.js')
}

/** Runs a built service as a process of its own, and waits until it is ready. */
export async function startService(options: ServiceOptions): Promise<ServiceProcess> {
  const port = await freePort(options.port)
  const url = `http://127.0.0.1:${port}`
  let current = await run(options, port)
  return {
    name: options.name,
    url,
    port,
    pid: () => current.pid,
    readyMs: () => current.readyMs,
    rssMb: () => residentMb(current.pid),
    exited: () => current.exited,
    tail: (lines) => current.tail(lines),
    stop: () => current.stop(),
    kill: () => current.kill(),
    start: async ({ env, nodeArgs } = {}) => {
      const changes = { env: { ...options.env, ...env }, nodeArgs: nodeArgs ?? options.nodeArgs ?? [] }
      current = await run({ ...options, ...changes }, port)
    },
    [Symbol.asyncDispose]: async () => void (await current.stop()),
  }
}

function run(
  { name, env, entry, nodeArgs = [], ...options }: ServiceOptions,
  port: number,
): Promise<Launched> {
  const file = entry ?? entryOf(name)
  if (!existsSync(file))
    throw new Error(`${file} is missing: build ${name} first (npm start and npm test do)`)
  return launch({
    name,
    command: process.execPath,
    args: [...sourceMaps, ...nodeArgs, file],
    env: { ...inherited(), ...env, PORT: String(port) },
    logFile: join(options.logsDir, `${name}.log`),
    ...(options.pidFile ? { pidFile: options.pidFile } : {}),
    ready: () => isReady(`http://127.0.0.1:${port}/readyz`),
    readyTimeoutMs: options.readyTimeoutMs ?? 30_000,
  })
}

// Decoding a map costs a start a third; a test reads what was logged, not where.
const sourceMaps = process.env.VITEST ? [] : ['--enable-source-maps']

async function isReady(url: string): Promise<boolean> {
  const response = await fetch(url, { signal: AbortSignal.timeout(2_000) })
  await response.arrayBuffer()
  return response.status === 200
}

// Nothing else of our environment: a service gets the secrets that are its own.
function inherited(): Record<string, string> {
  const names = [
    'PATH',
    'HOME',
    'TZ',
    'LOG_LEVEL',
    'NODE_ENV',
    'NODE_OPTIONS',
    'NODE_EXTRA_CA_CERTS',
    'TMPDIR',
  ]
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])))
}

function residentMb(pid: number): number {
  const status = `/proc/${pid}/status`
  const kilobytes = existsSync(status)
    ? /VmRSS:\s+(\d+) kB/.exec(readFileSync(status, 'utf8'))?.[1]
    : execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })
  return Math.round(Number(kilobytes ?? 0) / 1024)
}
