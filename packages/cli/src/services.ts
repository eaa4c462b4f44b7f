import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Command, Option } from 'commander'
import { Failure } from './failure.ts'

const serviceNames = ['order', 'provisioner', 'billing-gateway'] as const
export type ServiceName = (typeof serviceNames)[number]
export type Service = { name: ServiceName; url: string; apiKey: string }

type Places = { url?: string; apiKey?: string }

// The same depth from src/ (tests) and from dist/.
const repositoryRoot = fileURLToPath(new URL('../../..', import.meta.url))

export function serviceOption(): Option {
  return new Option('--service <name>', 'which service').choices(serviceNames)
}

export function urlOption(): Option {
  return new Option('--url <url>', 'where the service is, instead of SPAWNPOINT_…_URL')
}

/** Where a service is and what opens it: from flags, the environment, or the npm start that runs here. */
export function findService(command: Command, name: ServiceName): Service {
  const { url, apiKey } = command.optsWithGlobals<Places>()
  const variable = `SPAWNPOINT_${name.toUpperCase().replace('-', '_')}_URL`
  const found = url ?? process.env[variable] ?? localStack().services?.[name]
  if (!found)
    throw new Failure(
      `The URL of ${name} is unknown: no npm start has run in ${dataDir()}.`,
      `Set ${variable}=http://host:port or give --url; or SPAWNPOINT_DATA, if npm start had one.`,
    )
  return { name, url: found.replace(/\/+$/, ''), apiKey: findApiKey(apiKey) }
}

export function findAll(command: Command, only: ServiceName | undefined): Service[] {
  return (only ? [only] : serviceNames).map((name) => findService(command, name))
}

function findApiKey(given: string | undefined): string {
  const file = process.env.SPAWNPOINT_API_KEY_FILE ?? join(dataDir(), 'secrets/api-key')
  const key =
    given ?? process.env.SPAWNPOINT_API_KEY ?? (existsSync(file) ? readFileSync(file, 'utf8').trim() : '')
  if (key) return key
  throw new Failure(
    'There is no API key.',
    'Set SPAWNPOINT_API_KEY to a secret of API_KEYS, or give --api-key.',
  )
}

function localStack(): { services?: Partial<Record<ServiceName, string>> } {
  const file = join(dataDir(), 'run/services.json')
  return existsSync(file)
    ? { services: JSON.parse(readFileSync(file, 'utf8')) as Partial<Record<ServiceName, string>> }
    : {}
}

function dataDir(): string {
  return process.env.SPAWNPOINT_DATA ?? join(repositoryRoot, '.data')
}
