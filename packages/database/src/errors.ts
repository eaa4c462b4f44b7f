import { type ErrorKind, errorKinds } from './error-kinds.ts'

/** Lost to another transaction, not wrong: the same work can be done again at once. */
export function isRace(error: unknown): boolean {
  return isOneOf(kinds.race, error) || isDuplicate(error)
}

/** A row of this key is there already; the transaction goes on. */
export function isDuplicate(error: unknown): boolean {
  return isOneOf(kinds.duplicate, error)
}

/**
 * The database cannot do its job for anybody: it cannot be reached, refuses us, takes no writes or has no space. Nobody's message is
 * to blame, and the same work goes on once that is mended.
 */
export function isDatabaseAway(error: unknown): boolean {
  return outageOf(error) !== null
}

/** A statement was cut off by the server's own limit or by an operator: another try may do, and a message may be to blame. */
export function isInterrupted(error: unknown): boolean {
  return isOneOf(kinds.interrupted, error)
}

const outages = ['read_only', 'full', 'refused', 'exhausted', 'away'] as const
export type Outage = (typeof outages)[number]

/** Why the database cannot do its job for anybody; null when this error is of another kind. */
export function outageOf(error: unknown): Outage | null {
  // P2028 is both a transaction that found no connection and one that took too long.
  if (/expired transaction/i.test(describe(error))) return null
  return outages.find((kind) => isOneOf(kinds[kind], error)) ?? null
}

type Kind = { numbers: ReadonlySet<number>; codes: ReadonlySet<string>; isFatal: boolean; text: RegExp }

/** By the server's or the driver's number, then by Prisma's or Node's code; by its text only where it has no number. */
function isOneOf({ numbers, codes, isFatal, text }: Kind, error: unknown): boolean {
  const signs = signsOf(error)
  if (signs.codes.some((code) => codes.has(code)) || signs.numbers.some((number) => numbers.has(number)))
    return true
  if (isFatal && signs.isFatal && !signs.numbers.some((number) => tooLong.has(number))) return true
  return signs.numbers.length === 0 && text.test(describe(error))
}

const kinds: Record<ErrorKind, Kind> = {
  duplicate: kind('duplicate', "duplicate entry '|UniqueConstraintViolation", ['P2002']),
  race: kind(
    'race',
    'deadlock found|lock wait timeout exceeded|record has changed since last read|TransactionWriteConflict',
    ['P2034'],
  ),
  interrupted: kind(
    'interrupted',
    'query execution was interrupted|maximum statement execution time exceeded',
  ),
  read_only: kind(
    'read_only',
    'running with the --(?:super-|innodb-)?read-only option|in a READ ONLY transaction',
  ),
  full: kind('full', 'disk full|the table .{1,80} is full|no space left on device|ENOSPC'),
  refused: kind('refused', 'access denied for user|is not allowed to connect', ['P1000', 'P1010']),
  exhausted: kind('exhausted', 'too many connections|max_user_connections'),
  away: {
    ...kind(
      'away',
      'ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EHOSTUNREACH|pool timeout|pool is closed|pool is ending|socket has unexpectedly been closed|cannot execute new commands|connection (?:was |is )?(?:closed|lost|killed)|server has gone away|server shutdown in progress|P1001|P1002|P1017|P2024|P2028',
      [
        ...['P1001', 'P1002', 'P1017', 'P2024', 'P2028'],
        ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EHOSTUNREACH'],
      ],
    ),
    isFatal: true,
  },
}

function kind(name: ErrorKind, words: string, codes: string[] = []): Kind {
  const numbers = errorKinds[name]
  return {
    numbers: new Set(numbers),
    codes: new Set(codes),
    isFatal: false,
    text: textOf(numbers.join('|'), words),
  }
}

/** These end the connection, too, and come again with the same statement. */
const tooLong = new Set([1153, 45046])

// Numbers count only where they stand as an error's code: a message may quote anything, such as an order called 1213.
function textOf(numbers: string, words: string): RegExp {
  return new RegExp(`(?:code: \`|code":\\s?"?|\\(errno: |, no: )(?:${numbers})\\b|${words}`, 'i')
}

type Signs = { numbers: number[]; codes: string[]; isFatal: boolean }
type Link = {
  errno?: unknown
  originalCode?: unknown
  code?: unknown
  fatal?: unknown
  cause?: unknown
  meta?: { driverAdapterError?: unknown }
}

/** Of the error and of all that caused it: the driver's error has a number, Prisma's carries the driver's along. */
function signsOf(error: unknown): Signs {
  const links = [...chainOf(error)]
  const numbers = links.flatMap(({ errno, originalCode }) => [Number(errno), Number(originalCode)])
  return {
    // Node's own are negative.
    numbers: numbers.filter((number) => number > 0),
    codes: links.flatMap(({ code }) => (typeof code === 'string' ? [code] : [])),
    isFatal: links.some(({ fatal }) => fatal === true),
  }
}

function* chainOf(error: unknown): Generator<Link> {
  for (let link = error as Link | undefined, depth = 0; link instanceof Object && depth < 8; depth += 1) {
    yield link
    link = (link.meta?.driverAdapterError ?? link.cause) as Link | undefined
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code, meta, cause } = error as Error & { code?: unknown; meta?: unknown }
  return [error.name, error.message, code, JSON.stringify(meta), cause && describe(cause)].join(' ')
}
