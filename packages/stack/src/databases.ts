import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { mysqlOptions } from '@spawnpoint/database'
import { type Connection, createConnection, SqlError } from 'mariadb'

export const schemas = ['billing', 'orders', 'provisioner'] as const
export type Schema = (typeof schemas)[number]

export type CreateDatabasesOptions = {
  adminUrl: string
  /** Before each schema's and user's name, so that several sets fit on one server. */
  prefix?: string
  /** Where the users' passwords are kept, per server. */
  credentialsFile: string
}

/** One schema for each service, and for each a user who may see no other. Says with which URL each service connects. */
export async function createDatabases(options: CreateDatabasesOptions): Promise<Record<Schema, string>> {
  const admin = await createConnection(mysqlOptions(options.adminUrl))
  try {
    for (const schema of schemas) await refuseForeign(admin, `${options.prefix ?? ''}${schema}`)
    return {
      billing: await createDatabase(admin, 'billing', options),
      orders: await createDatabase(admin, 'orders', options),
      provisioner: await createDatabase(admin, 'provisioner', options),
    }
  } finally {
    await admin.end()
  }
}

async function createDatabase(
  admin: Connection,
  schema: Schema,
  { adminUrl, prefix = '', credentialsFile }: CreateDatabasesOptions,
): Promise<string> {
  const { host, port } = mysqlOptions(adminUrl)
  const name = `${prefix}${schema}`
  const user = `${prefix}spawnpoint_${schema}`
  const password = keptPassword(credentialsFile, `${user}@${host}:${port}`)
  if (user.length > longestUserName)
    throw new Error(
      `The prefix ${prefix} is too long: MySQL gives a user's name ${longestUserName} characters, and ${user} has ${user.length}`,
    )
  const url = new URL(adminUrl)
  url.username = user
  url.password = password
  url.pathname = `/${name}`
  try {
    await admin.query(
      `CREATE DATABASE IF NOT EXISTS \`${name}\` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci`,
    )
    if (!(await connects(url.href))) await createUser(admin, { user, password, name })
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
  { user, password, name }: { user: string; password: string; name: string },
): Promise<void> {
  await admin.query(`CREATE USER IF NOT EXISTS '${user}'@'%'`)
  await admin.query(`ALTER USER '${user}'@'%' IDENTIFIED BY '${password}'`)
  // In a GRANT _ stands for any one character.
  await admin.query(`GRANT ALL PRIVILEGES ON \`${name.replaceAll('_', '\\_')}\`.* TO '${user}'@'%'`)
}

async function connects(url: string): Promise<boolean> {
  try {
    const connection = await createConnection(mysqlOptions(url))
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
  if (!known[key]) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    writeFileSync(file, `${JSON.stringify({ ...known, [key]: password }, null, 2)}\n`, { mode: 0o600 })
  }
  return password
}
