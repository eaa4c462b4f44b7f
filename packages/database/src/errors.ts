/** Lost to another transaction, not wrong: the same work can be done again at once. */
export function isRace(error: unknown): boolean {
  return isOneOf(races, error) || isDuplicate(error)
}

/** A row of this key is there already; the transaction goes on. */
export function isDuplicate(error: unknown): boolean {
  return isOneOf(duplicates, error)
}

/** The database cannot be reached or refuses everybody: nobody's message is to blame. */
export function isDatabaseAway(error: unknown): boolean {
  const text = describe(error)
  // P2028 is both a transaction that found no connection and one that took too long.
  return !/expired transaction/i.test(text) && isOneOf(away, error)
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

const duplicates: Kind = {
  numbers: new Set([1062]),
  codes: new Set(['P2002']),
  isFatal: false,
  text: textOf('1062', "duplicate entry '|UniqueConstraintViolation"),
}

const races: Kind = {
  numbers: new Set([1020, 1205, 1213]),
  codes: new Set(['P2034']),
  isFatal: false,
  text: textOf(
    '1020|1205|1213',
    'deadlock found|lock wait timeout exceeded|record has changed since last read|TransactionWriteConflict',
  ),
}

const awayNumbers = [
  ...[1040, 1053, 1203, 1927, 2006, 2013],
  // The driver's own: connections that are closed, broken or late, and a pool that is full or closed.
  ...[45001, 45004, 45009, 45012, 45013, 45019, 45026, 45027, 45028, 45035, 45037, 45061],
]
const away: Kind = {
  numbers: new Set(awayNumbers),
  codes: new Set([
    ...['P1001', 'P1002', 'P1017', 'P2024', 'P2028'],
    ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EHOSTUNREACH'],
  ]),
  isFatal: true,
  text: textOf(
    awayNumbers.join('|'),
    'ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EHOSTUNREACH|pool timeout|pool is closed|pool is ending|socket has unexpectedly been closed|cannot execute new commands|connection (?:was |is )?(?:closed|lost|killed)|server has gone away|too many connections|server shutdown in progress|P1001|P1002|P1017|P2024|P2028',
  ),
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
