import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { hasExamplePassword } from './guessable.ts'
import { readApiKeys } from './read-api-keys.ts'

const port = z.coerce.number().int().min(0).max(65_535)

const hasOwnPassword = (url: string) => !hasExamplePassword(url)
const ownPassword = 'must have a password of its own, and no example: `openssl rand -hex 24` makes one'

/**
 * What every service reads; a description is how the variable is explained to people. Any of them may come as
 * `NAME_FILE`, the path of a file that holds it.
 */
export const baseEnv = {
  DATABASE_URL: z
    .string()
    .min(1)
    .refine(hasOwnPassword, ownPassword)
    .describe(
      "`mysql://user:password@host:port/schema`, the service's own schema; its [parameters](#databases) choose TLS or a socket",
    ),
  NATS_URL: z
    .string()
    .min(1)
    .refine(hasOwnPassword, ownPassword)
    .describe(
      "NATS with JetStream, as the service's own user: `nats://order:password@host:4222`; several servers of a cluster with commas between them",
    ),
  STREAM_REPLICAS: z.coerce
    .number()
    .int()
    .min(1)
    .max(5)
    .default(1)
    .describe("on how many nodes of a NATS cluster the service's events are stored: 3 on a cluster"),
  STREAM_MAX_BYTES: z.coerce
    .number()
    .int()
    .min(16 * 1024 * 1024)
    .default(512 * 1024 * 1024)
    .describe(
      "how much the service's stream may hold of 30 days; what does not fit waits in the database, and `/health` says so from 80 % on",
    ),
  PORT: port.describe('HTTP port'),
  HOST: z
    .string()
    .min(1)
    .optional()
    .describe('the address to listen on, such as `127.0.0.1`; all interfaces when left out'),
  ADMIN_PORT: port
    .optional()
    .describe(
      "where `/admin`, `/metrics` and the provisioner's `/servers` are served instead, so that a proxy in front of `PORT` cannot reach them",
    ),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('the least that is logged: `fatal`, `error`, `warn`, `info`, `debug`, `trace` or `silent`'),
  API_KEYS: z
    .string()
    .transform(readApiKeys)
    .describe(
      '`name:scopes=orders+read:sha256=…,…`: what each key may do (`orders`, `catalogue`, `read`, `operate`, `refunds`, `panels`; all without `scopes=`), optionally `expires=2027-01-31` after the scopes, and its secret of 16 characters or more or the SHA-256 of it; the name is what logs show',
    ),
  AUDIT_RETENTION_DAYS: z.coerce
    .number()
    .int()
    .min(0)
    .default(400)
    .describe('how long the audit log keeps who changed what; 0 keeps it for ever'),
  STALLED_AFTER_SECONDS: z.coerce
    .number()
    .min(1)
    .max(3_600)
    .default(10)
    .describe(
      'from how long on `/health` calls work that waits stalled: events to publish, events of other services, Stripe events in the journal',
    ),
  MAX_BATCH: z.coerce
    .number()
    .int()
    .min(1)
    .max(256)
    .default(256)
    .describe('the most events that are decided in one transaction; `MAX_LIST` is its former name'),
  TIME_SCALE: z.coerce
    .number()
    .positive()
    .max(10)
    .default(1)
    .describe('scales timeouts, backoff and leases; below 1 only for tests'),
}

/** Where a service listens. */
export function listenOf({
  PORT,
  HOST,
  ADMIN_PORT,
}: {
  PORT: number
  HOST?: string | undefined
  ADMIN_PORT?: number | undefined
}) {
  return { port: PORT, host: HOST, adminPort: ADMIN_PORT }
}

/** Former names, accepted for one version. */
const aliases: Record<string, string> = { MAX_BATCH: 'MAX_LIST' }

type Source = Record<string, string | undefined>

/** The checked environment, or one error that names every variable that is wrong. */
export function readEnv<Shape extends z.ZodRawShape>(
  schema: z.ZodObject<Shape>,
  source: Source = process.env,
): z.infer<z.ZodObject<Shape>> {
  const values = Object.fromEntries(
    Object.keys(schema.shape).map((name) => [name, variable(name, source)] as const),
  )
  const parsed = schema.safeParse(values)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map(({ path, message }) => `  ${path.join('.')}: ${message}`)
  throw new Error(`The environment is not complete:\n${problems.join('\n')}`)
}

function variable(name: string, source: Source): string | undefined {
  const file = source[`${name}_FILE`]
  const value = (file ? readFileSync(file, 'utf8').trim() : source[name]) || undefined
  const alias = aliases[name]
  if (value !== undefined || alias === undefined) return value
  const former = variable(alias, source)
  if (former !== undefined) process.stderr.write(`${alias} is deprecated: set ${name} instead\n`)
  return former
}
