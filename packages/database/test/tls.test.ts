import { rmSync } from 'node:fs'
import { adapter, openConnection } from '@spawnpoint/database'
import {
  findMysqlBinary,
  type PrivateMysql,
  startPrivateMysql,
  testCertificates,
  testDirectory,
} from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'

const dataDir = testDirectory('tls')
const { authority, otherAuthority, server, serverKey } = testCertificates
let mysql: PrivateMysql

beforeAll(async () => {
  const binary = findMysqlBinary()
  if (!binary) throw new Error('No MySQL or MariaDB on this machine')
  const settings = [`--ssl-ca=${authority}`, `--ssl-cert=${server}`, `--ssl-key=${serverKey}`]
  mysql = await startPrivateMysql({ binary, dataDir, durable: false, settings })
  const admin = await openConnection(mysql.adminUrl)
  await admin.query("CREATE USER seller@'%' IDENTIFIED BY 'pass' REQUIRE SSL")
  await admin.end()
})
afterAll(async () => {
  await mysql?.[Symbol.asyncDispose]()
  rmSync(dataDir, { recursive: true, force: true })
})

test.each([
  ['localhost', 'ssl-mode=REQUIRED'],
  ['127.0.0.1', 'ssl-mode=REQUIRED'],
  ['localhost', `ssl-mode=VERIFY_IDENTITY&ssl-ca=${authority}`],
  ['127.0.0.1', `ssl-mode=VERIFY_CA&ssl-ca=${authority}`],
  ['localhost', `sslaccept=strict&sslcert=${authority}`],
])('%s?%s is encrypted', async (host, parameters) => {
  const url = urlOf(host, parameters)
  const connection = await openConnection(url)
  const [status]: { Value: string }[] = await connection.query("SHOW STATUS LIKE 'Ssl_cipher'")
  await connection.end()
  expect(status?.Value).toMatch(/TLS/)
  const session = await adapter(url, { connectionLimit: 1 }).connect()
  await session.dispose()
})

test.each([
  ['127.0.0.1', `ssl-mode=VERIFY_IDENTITY&ssl-ca=${authority}`, /certificate/],
  ['localhost', `ssl-mode=VERIFY_IDENTITY&ssl-ca=${otherAuthority}`, /certificate/i],
  ['localhost', `ssl-mode=VERIFY_CA&ssl-ca=${otherAuthority}`, /certificate/i],
  ['localhost', 'ssl-mode=VERIFY_IDENTITY', /certificate/i],
  ['localhost', 'ssl-mode=DISABLED', /denied/],
])('%s?%s does not connect', async (host, parameters, why) => {
  await expect(openConnection(urlOf(host, parameters))).rejects.toThrow(why)
})

function urlOf(host: string, parameters: string): string {
  return `mysql://seller:pass@${host}:${new URL(mysql.adminUrl).port}/?${parameters}`
}
