import { rmSync } from 'node:fs'
import { openMysql } from './mysql.ts'
import { sweepTestDirectories, testDirectory } from './test-directory.ts'

/** One private MySQL or MariaDB for the whole run, unless one was given. */
export async function setup(): Promise<(() => Promise<void>) | undefined> {
  await sweepTestDirectories()
  if (process.env.SPAWNPOINT_TEST_MYSQL_URL) return undefined
  const dataDir = testDirectory('mysql')
  const mysql = await openMysql({ dataDir, durable: false })
  process.env.SPAWNPOINT_TEST_MYSQL_URL = mysql.adminUrl
  return async () => {
    await mysql[Symbol.asyncDispose]()
    rmSync(dataDir, { recursive: true, force: true })
  }
}
