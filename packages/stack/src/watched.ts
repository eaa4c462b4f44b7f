export type Statement = { sql: string; values: unknown[] }

type OnStatement = (statement: Statement) => void
/** As Prisma's adapter is given it, or as our own SQL is. */
type Query = { sql: string; args: unknown[]; argTypes: { scalarType: string }[] } | Statement

/** The same object, which reports its statements: of a Prisma adapter, of a raw client, and of the transactions of both. */
export function watched<Client extends object>(client: Client, onStatement: OnStatement): Client {
  return new Proxy(client, {
    get(_, name) {
      const member: unknown = Reflect.get(client, name)
      if (typeof member !== 'function') return member
      return (...args: unknown[]) => call(name, member.bind(client), args)
    },
  })

  function call(name: string | symbol, method: (...args: unknown[]) => unknown, args: unknown[]): unknown {
    const [first] = args
    switch (name) {
      case 'queryRaw':
      case 'executeRaw':
      case '$queryRaw':
      case '$executeRaw':
        if (isQuery(first)) onStatement({ sql: first.sql, values: valuesOf(first) })
        return method(...args)
      case 'connect':
      case 'startTransaction':
        return Promise.resolve(method(...args)).then((opened) =>
          isObject(opened) ? watched(opened, onStatement) : opened,
        )
      case '$transaction':
        return method(
          (tx: object) => (typeof first === 'function' ? first(watched(tx, onStatement)) : undefined),
          ...args.slice(1),
        )
      default:
        return method(...args)
    }
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function isQuery(value: unknown): value is Query {
  return isObject(value) && 'sql' in value
}

function valuesOf(query: Query): unknown[] {
  if ('values' in query) return query.values
  return query.args.map((value, n) => driverValue(value, query.argTypes[n]?.scalarType))
}

// Prisma hands over as text what JavaScript's numbers and the driver's dates would bend.
function driverValue(value: unknown, type: string | undefined): unknown {
  if (typeof value !== 'string') return value
  if (type === 'bigint') return BigInt(value)
  return type === 'datetime' ? new Date(value).toISOString().replace('T', ' ').replace('Z', '') : value
}
