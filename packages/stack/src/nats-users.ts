import { join } from 'node:path'
import { type NatsPermissions, type NatsUser, natsPermissions, natsUsers } from '@spawnpoint/contracts'
import { keptSecret } from './kept-secret.ts'

/** `admin` may do everything; only tests have one. */
export type NatsPasswords = Record<NatsUser, string> & { admin?: string }
export type NatsUrls = Record<NatsUser, string> & { admin?: string }

/** The passwords of this installation, made on first use. */
export function natsPasswords(dataDir: string): NatsPasswords {
  return forEachUser((user) => keptSecret(join(dataDir, `secrets/nats-${user}`)))
}

/** With which URL each user connects. */
export function natsUrls(hosts: string, passwords?: NatsPasswords): NatsUrls {
  const url = (user: string, password: string) =>
    hosts
      .split(',')
      .map((host) => `nats://${user}:${password}@${host}`)
      .join(',')
  if (!passwords) return forEachUser(() => `nats://${hosts.replaceAll(',', ',nats://')}`)
  const { admin } = passwords
  return {
    ...forEachUser((user) => url(user, passwords[user])),
    ...(admin === undefined ? {} : { admin: url('admin', admin) }),
  }
}

/** As `npm start` takes the users of a given server: `NATS_URL_ORDER` and so on. */
export function natsUserUrls(urlOf: (user: NatsUser) => string): Record<string, string> {
  return Object.fromEntries(natsUsers.map((user) => [urlVariable(user), urlOf(user)]))
}

/** The users that `env` has a URL for. */
export function givenUrls(env: Record<string, string | undefined>): Partial<NatsUrls> {
  return Object.fromEntries(
    natsUsers.flatMap((user) => {
      const url = env[urlVariable(user)]
      return url ? [[user, url]] : []
    }),
  )
}

function urlVariable(user: NatsUser): string {
  return `NATS_URL_${variableName(user)}`
}

/** The part of a nats-server's configuration that says who may connect, and who may publish and subscribe to what. */
export function authorization({ admin, ...passwords }: NatsPasswords): string {
  const quoted = forEachUser((user) => JSON.stringify(passwords[user]))
  const others = admin === undefined ? [] : [`    { user: admin, password: ${JSON.stringify(admin)} }`]
  return usersBlock(quoted, others)
}

/** The same with each password taken from the server's environment; for a file that is no secret. */
export function authorizationFromEnvironment(): string {
  return usersBlock(forEachUser((user) => `$${passwordVariable(user)}`))
}

/** `NATS_BILLING_GATEWAY_PASSWORD` */
export function passwordVariable(user: NatsUser): string {
  return `NATS_${variableName(user)}_PASSWORD`
}

function variableName(user: NatsUser): string {
  return user.toUpperCase().replaceAll('-', '_')
}

function usersBlock(passwords: Record<NatsUser, string>, others: string[] = []): string {
  const users = natsUsers.map(
    (user) => `    {
      user: ${user}
      password: ${passwords[user]}
      permissions: {
${permissions(natsPermissions(user))}
      }
    }`,
  )
  return `authorization {
  users: [
${[...users, ...others].join('\n')}
  ]
}
`
}

function permissions({ publish, subscribe }: NatsPermissions): string {
  const list = (subjects: string[]) =>
    `[\n${subjects.map((subject) => `          ${JSON.stringify(subject)}`).join('\n')}\n        ]`
  return `        publish: ${list(publish)}\n        subscribe: ${list(subscribe)}`
}

function forEachUser<T>(of: (user: NatsUser) => T): Record<NatsUser, T> {
  return {
    'billing-gateway': of('billing-gateway'),
    order: of('order'),
    provisioner: of('provisioner'),
    operator: of('operator'),
  }
}
