/**
 * What API versions before 2025-03-31 still show and today's objects do not. Kept under a symbol, for symbols survive a
 * spread and never reach JSON.
 */
export const formerly = Symbol('before 2025-03-31')

export function formerFieldsOf(object: object): object {
  const fields: unknown = Reflect.get(object, formerly)
  return typeof fields === 'object' && fields !== null ? fields : {}
}
