import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { mysqlOptions, openConnection } from '@spawnpoint/database'
import { type Connection, SqlError } from 'mariadb'
import { closeToOthers, writePrivateFile } from './private-files.ts'

/** Nobody stands between this machine and itself: its server may be asked for the key that a password is sent with. */
export const onLoopback = '?allowPublicKeyRetrieval=true'

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.')
}

export const schemas = ['billing', 'orders', 'provisioner'] as const
export type Schema = (typeof schemas)[number]

export type CreateDatabasesOptions = {
  adminUrl: string
  /** Before each schema's and user's name, so that several sets fit on one server. */
  prefix?: string
  /** Where the users' passwords are kept, per server. */
  credentialsFile: string
}

export type Databases = {
  /** With which each service connects: it reads and writes its rows and changes no table. */
  services: Record<Schema, string>
  /** With which the tables are made and changed. */
  migrations: Record<Schema, string>
}

/** One schema for each service, for each a user who may see no other, and one who migrates them all. */
export async function createDatabases(options: CreateDatabasesOptions): Promise<Databases> {
  const admin = await openConnection(options.adminUrl)
  const prefix = options.prefix ?? ''
  const migrator = `${prefix}${migratingUser}`
  try {
    for (const schema of schemas) await refuseForeign(admin, `${prefix}${schema}`)
    const urls = async (of: (schema: Schema) => Parameters<typeof openSchema>[1]) => ({
      billing: await openSchema(admin, of('billing'), options),
      orders: await openSchema(admin, of('orders'), options),
      provisioner: await openSchema(admin, of('provisioner'), options),
    })
    return {
      services: await urls((schema) => ({
        ...{ name: `${prefix}${schema}`, user: `${prefix}spawnpoint_${schema}`, privileges: rowPrivileges },
      })),
      migrations: await urls((schema) => ({
        ...{ name: `${prefix}${schema}`, user: migrator, privileges: allPrivileges },
      })),
    }
  } finally {
    await admin.end()
  }
}

const migratingUser = 'spawnpoint_migrate'

// What a service does to its rows; tables are made and changed by migrations alone.
const rowPrivileges = ['SELECT', 'INSERT', 'UPDATE', 'DELETE']
const allPrivileges = ['ALL PRIVILEGES']

/** Makes the schema and the user where they are not there, and returns the user's URL. */
async function openSchema(
  admin: Connection,
  { name, user, privileges }: { name: string; user: string; privileges: readonly string[] },
  { adminUrl, credentialsFile }: CreateDatabasesOptions,
): Promise<string> {
  const { host, port } = mysqlOptions(adminUrl)
  const password = keptPassword(credentialsFile, `${user}@${host}:${port}`)
  if (user.length > longestUserName)
    throw new Error(
      `The prefix is too long: MySQL gives a user's name ${longestUserName} characters, and ${user} has ${user.length}`,
    )
  const url = new URL(adminUrl)
  url.username = user
  url.password = password
  url.pathname = `/${name}`
  try {
    await admin.query(
      `CREATE DATABASE IF NOT EXISTS \`${name}\` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci`,
    )
    if (!(await connects(url.href))) await createUser(admin, { user, password })
    await grant(admin, { user, name, privileges })
  } catch (cause) {
    const why = cause instanceof SqlError ? cause.sqlMessage : String(cause)
    throw new Error(
      `Schema ${name} could not be made (${why}): MYSQL_URL needs a user with ALL PRIVILEGES … WITH GRANT OPTION, such as root`,
      { cause },
    )
  }
  return url.href
}

/** Before anything is written: a schema that holds tables, and none of our migrations, is somebody else's. */
async function refuseForeign(admin: Connection, name: string): Promise<void> {
  const tables: { name: string }[] = await admin.query(
    'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = ?',
    [name],
  )
  if (tables.length === 0 || tables.some((table) => table.name === '_prisma_migrations')) return
  throw new Error(
    `The server has a schema ${name} with tables that are not Spawnpoint's (${tables[0]?.name} …): give SPAWNPOINT_SCHEMA_PREFIX=spawnpoint_ to have schemas of other names`,
  )
}

// MariaDB has room for more; whoever moves to MySQL must not find out then.
const longestUserName = 32

async function createUser(
  admin: Connection,
  { user, password }: { user: string; password: string },
): Promise<void> {
  await admin.query(`CREATE USER IF NOT EXISTS '${user}'@'%'`)
  await admin.query(`ALTER USER '${user}'@'%' IDENTIFIED BY '${password}'`)
}

/** These privileges and no more: what an earlier version granted beyond them is taken back. */
async function grant(
  admin: Connection,
  { user, name, privileges }: { user: string; name: string; privileges: readonly string[] },
): Promise<void> {
  // In a GRANT _ stands for any one character.
  const tables = `\`${name.replaceAll('_', '\\_')}\`.*`
  const granted: { privilege: string }[] = await admin.query(
    'SELECT privilege_type AS privilege FROM information_schema.schema_privileges WHERE grantee = ? AND table_schema = ?',
    [`'${user}'@'%'`, name.replaceAll('_', '\\_')],
  )
  const excess = granted.filter(({ privilege }) => !privileges.includes(privilege))
  if (privileges !== allPrivileges && excess.length > 0)
    await admin.query(`REVOKE ALL PRIVILEGES ON ${tables} FROM '${user}'@'%'`)
  await admin.query(`GRANT ${privileges.join(', ')} ON ${tables} TO '${user}'@'%'`)
}

async function connects(url: string): Promise<boolean> {
  try {
    const connection = await openConnection(url)
    await connection.end()
    return true
  } catch (error) {
    if (error instanceof SqlError && refused.includes(error.code ?? '')) return false
    throw error
  }
}

const refused = ['ER_ACCESS_DENIED_ERROR', 'ER_DBACCESS_DENIED_ERROR']

function keptPassword(file: string, key: string): string {
  const known: Record<string, string> = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {}
  const password = known[key] ?? randomBytes(24).toString('base64url')
  if (known[key]) closeToOthers(file, 0o600)
  else writePrivateFile(file, `${JSON.stringify({ ...known, [key]: password }, null, 2)}\n`)
  return password
}
