import { isObject } from './json.ts'

export const recordedOrigin = 'http://127.0.0.1:8088'
const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)$/
const uuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g
const randomHex = /^[0-9a-f]{32}$/

export type Translation = ReturnType<typeof createTranslation>

/** Between the ids of the record and those of the simulated panel. Ids of servers and users differ once races were run. */
export function createTranslation(origin: string) {
  const ids = { server: createPairs<number>(), user: createPairs<number>() }
  const words = createPairs<string>()

  function learn(object: string, recorded: Record<string, unknown>, actual: Record<string, unknown>) {
    if (typeof recorded.uuid !== 'string' || typeof actual.uuid !== 'string') return
    if (words.isKnown(recorded.uuid) || typeof recorded.id !== 'number' || typeof actual.id !== 'number')
      return
    if (object === 'server' || object === 'user') ids[object].pair(recorded.id, actual.id)
    words.pair(recorded.uuid, actual.uuid)
    if (object === 'server') words.pair(recorded.uuid.slice(0, 8), actual.uuid.slice(0, 8))
  }

  function inRecordTerms(recorded: unknown, actual: unknown): unknown {
    if (typeof actual === 'string') return textInRecordTerms(recorded, actual)
    if (Array.isArray(actual)) {
      return actual.map((item, index) =>
        inRecordTerms(Array.isArray(recorded) ? recorded[index] : undefined, item),
      )
    }
    if (!isObject(actual)) return actual
    const other = isObject(recorded) ? recorded : {}
    const { object } = actual
    if (typeof object === 'string' && isObject(actual.attributes) && isObject(other.attributes)) {
      learn(object, other.attributes, actual.attributes)
      const attributes = attributesInRecordTerms(object, other.attributes, actual.attributes)
      return each(actual, (key, value) =>
        key === 'attributes' ? attributes : inRecordTerms(other[key], value),
      )
    }
    return each(actual, (key, value) => inRecordTerms(other[key], value))
  }

  function attributesInRecordTerms(
    object: string,
    recorded: Record<string, unknown>,
    actual: Record<string, unknown>,
  ) {
    return each(actual, (key, value) => {
      if (typeof value === 'number') {
        if (key === 'id' && (object === 'server' || object === 'user')) return ids[object].recorded(value)
        if (key === 'user' && object === 'server') return ids.user.recorded(value)
      }
      return inRecordTerms(recorded[key], value)
    })
  }

  function textInRecordTerms(recorded: unknown, actual: string): string {
    const known = words.recorded(actual).replaceAll(origin, recordedOrigin)
    if (typeof recorded !== 'string') return known
    const [start = '', cut] = recorded.split(/…<cut, \d+ chars>$/)
    if (cut !== undefined && known.startsWith(start)) return recorded
    if (/^<\w+>$/.test(recorded) && known !== '') return recorded
    const alike = [time, randomHex].some((pattern) => pattern.test(recorded) && pattern.test(known))
    return alike ? recorded : known
  }

  return {
    learn,
    inRecordTerms,
    serverId: (recorded: number) => ids.server.actual(recorded),
    userId: (recorded: number) => ids.user.actual(recorded),
    pairServer: (recorded: number, actual: number) => ids.server.pair(recorded, actual),

    path: (recorded: string) =>
      recorded
        .replace(/(?<=\/servers\/)\d+/, (id) => String(ids.server.actual(Number(id))))
        .replace(/(?<=\/users\/)\d+/, (id) => String(ids.user.actual(Number(id))))
        .replace(uuid, (word) => words.actual(word)),

    body(recorded: unknown): unknown {
      if (!isObject(recorded) || typeof recorded.user !== 'number') return recorded
      return { ...recorded, user: ids.user.actual(recorded.user) }
    },
  }
}

/** For servers that were gone before anybody learned their uuid. */
export function withoutUuids(text: string): string {
  return text.replace(uuid, '<uuid>')
}

function each(object: Record<string, unknown>, change: (key: string, value: unknown) => unknown) {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(key, value)]))
}

function createPairs<Value>() {
  const actual = new Map<Value, Value>()
  const recorded = new Map<Value, Value>()
  return {
    isKnown: (value: Value) => actual.has(value),
    pair(one: Value, other: Value) {
      actual.set(one, other)
      recorded.set(other, one)
    },
    actual: (value: Value) => actual.get(value) ?? value,
    recorded: (value: Value) => recorded.get(value) ?? value,
  }
}
