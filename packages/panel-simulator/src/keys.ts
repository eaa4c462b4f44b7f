import { randomBytes } from 'node:crypto'

export type Resource =
  | 'servers'
  | 'nodes'
  | 'allocations'
  | 'users'
  | 'locations'
  | 'nests'
  | 'eggs'
  | 'server_databases'

/** The panel's bits: writing does not include reading. */
export const access = { none: 0, read: 1, write: 2, both: 3 } as const
export type Access = (typeof access)[keyof typeof access]

export type ApiKey = {
  token: string
  /** Id of its owner, who must be an administrator. */
  user: number
  /** An account's own key has no list: its administrator may do everything. */
  permissions: Record<Resource, Access> | 'account'
  allowedIps?: string[]
}

export function applicationKey(
  user: number,
  permissions: Partial<Record<Resource, Access>> | Access,
): ApiKey {
  const all = typeof permissions === 'number' ? permissions : access.none
  const some = typeof permissions === 'number' ? {} : permissions
  return {
    token: newToken('ptla'),
    user,
    permissions: {
      servers: all,
      nodes: all,
      allocations: all,
      users: all,
      locations: all,
      nests: all,
      eggs: all,
      server_databases: all,
      ...some,
    },
  }
}

export function accountKey(user: number): ApiKey {
  return { token: newToken('ptlc'), user, permissions: 'account' }
}

export function mayDo(key: ApiKey, resource: Resource, wanted: 'read' | 'write'): boolean {
  return key.permissions === 'account' || (key.permissions[resource] & access[wanted]) !== 0
}

/** 16 characters that name the key and 32 that prove it. */
function newToken(kind: 'ptla' | 'ptlc'): string {
  return `${kind}_${letters(11)}${letters(32)}`
}

function letters(count: number): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
  return [...randomBytes(count)].map((byte) => alphabet.charAt(byte % alphabet.length)).join('')
}
