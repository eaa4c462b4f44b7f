import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openConnection } from '@spawnpoint/database'
import { type Claim, inClaimedDirectory } from './claim-directory.ts'
import { onLoopback } from './databases.ts'
import { findBeside, versionLine } from './find-binary.ts'
import { freePort } from './free-port.ts'
import { keptSecret } from './kept-secret.ts'
import { type Launched, launch } from './launch.ts'
import { type MysqlFlavor, mysqlFlavor } from './mysql-flavor.ts'
import { writePrivateFile } from './private-files.ts'
import { runTool } from './run-tool.ts'

export type PrivateMysql = AsyncDisposable & {
  adminUrl: string
  description: string
  version: string
  owned: true
  /** Of the process that runs now. */
  pid(): number
  exited: Launched['exited']
  /** SIGKILL, as a power cut of the process; `start()` brings it back on the same port. */
  kill(): Promise<void>
  start(): Promise<void>
}

export type PrivateMysqlOptions = {
  binary: string
  dataDir: string
  /** Commits survive a crash of the machine. Only tests may turn it off. */
  durable?: boolean
  /** How much of its tables it keeps in memory, and how long its redo log is, in MiB; the least it takes when left out. */
  memoryMb?: number | undefined
  /** More of the server's own, as its command line takes them. */
  settings?: readonly string[]
}

/** A server of our own on a free loopback port, with its data in a folder per product and series, since no series opens every other's. */
export function startPrivateMysql({
  binary,
  dataDir,
  durable = true,
  memoryMb,
  settings = [],
}: PrivateMysqlOptions): Promise<PrivateMysql> {
  const flavor = mysqlFlavor(versionLine(binary))
  const home = join(dataDir, `${flavor.product}-${flavor.series}`.toLowerCase())
  return inClaimedDirectory(home, (claim) =>
    startIn({ home, claim, binary, flavor, durable, memoryMb, settings }),
  )
}

type Settings = {
  home: string
  claim: Claim
  binary: string
  flavor: MysqlFlavor
  durable: boolean
  memoryMb: number | undefined
  settings: readonly string[]
}

async function startIn({ home, claim, binary, ...others }: Settings): Promise<PrivateMysql> {
  const { flavor } = others
  await initialise(binary, flavor, home)
  const password = keptSecret(join(home, 'password'))
  const port = await freePort(keptPort(home))
  writeFileSync(join(home, 'port'), String(port))
  const adminUrl = `mysql://root:${password}@127.0.0.1:${port}/${onLoopback}`
  const run = () =>
    launch({
      name: flavor.product,
      command: binary,
      args: serverArguments({ ...others, home, port, password }),
      logFile: join(home, 'server.log'),
      pidFile: claim.pidFile('server'),
      ready: () => answers(adminUrl),
      readyTimeoutMs: 60_000,
      stopTimeoutMs: 30_000,
    })
  let server = await run()
  return {
    adminUrl,
    description: `${flavor.product} ${flavor.version} (private, 127.0.0.1:${port})`,
    version: `${flavor.product} ${flavor.version}`,
    owned: true,
    pid: () => server.pid,
    get exited() {
      return server.exited
    },
    kill: async () => void (await server.kill()),
    start: async () => {
      server = await run()
    },
    [Symbol.asyncDispose]: async () => {
      await server.stop()
      claim[Symbol.dispose]()
    },
  }
}

// Made aside and moved into place, so that an interrupted attempt never passes for a data directory.
async function initialise(binary: string, { product }: MysqlFlavor, home: string): Promise<void> {
  const data = join(home, 'data')
  if (existsSync(data)) return
  const attempt = join(home, 'data.new')
  rmSync(attempt, { recursive: true, force: true })
  using alias = aliasWithoutBlanks(home)
  try {
    const [command, args] = initialiser(binary, product)
    await runTool(command, [
      '--no-defaults',
      ...args,
      ...asRoot(),
      ...ownTemporary(alias.path),
      `--datadir=${join(alias.path, 'data.new')}`,
    ])
  } catch (cause) {
    throw new Error(`${product} could not make a data directory in ${home}${appArmorHint(product)}`, {
      cause,
    })
  }
  renameSync(attempt, data)
}

/** mariadb-install-db, a shell script, splits paths at blanks (10.11: "This is broken", it says where it takes its arguments). */
function aliasWithoutBlanks(path: string): Disposable & { path: string } {
  if (/^[\w./-]*$/.test(path)) return { path, [Symbol.dispose]: () => {} }
  const folder = mkdtempSync(join(tmpdir(), 'spawnpoint-'))
  const alias = join(folder, 'home')
  symlinkSync(path, alias)
  return { path: alias, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) }
}

function initialiser(binary: string, product: MysqlFlavor['product']): [command: string, args: string[]] {
  if (product === 'MySQL') return [binary, ['--initialize-insecure']]
  const installer = findBeside(binary, ['mariadb-install-db', 'mysql_install_db'])
  if (!installer) throw new Error(`mariadb-install-db, which belongs to ${binary}, is not on this machine`)
  // --force: it would else insist on finding this machine's name in DNS.
  return [
    installer,
    ['--auth-root-authentication-method=normal', '--skip-test-db', '--skip-name-resolve', '--force'],
  ]
}

function serverArguments({
  flavor,
  home,
  port,
  password,
  durable,
  memoryMb,
  settings,
}: Omit<Settings, 'claim' | 'binary'> & { port: number; password: string }): string[] {
  return [
    '--no-defaults',
    ...asRoot(),
    `--datadir=${join(home, 'data')}`,
    ...ownTemporary(home),
    `--socket=${socketPath(home)}`,
    `--pid-file=${join(home, 'mysqld.pid')}`,
    `--init-file=${writeInitFile(home, password)}`,
    `--port=${port}`,
    '--bind-address=127.0.0.1',
    '--skip-name-resolve',
    '--skip-log-bin',
    '--max-connections=500',
    '--character-set-server=utf8mb4',
    '--collation-server=utf8mb4_unicode_ci',
    ...(durable
      ? ['--innodb-flush-log-at-trx-commit=1']
      : ['--innodb-flush-log-at-trx-commit=0', '--innodb-doublewrite=0', '--performance-schema=OFF']),
    ...(memoryMb === undefined ? [] : [`--innodb-buffer-pool-size=${memoryMb}M`]),
    ...(flavor.product === 'MySQL'
      ? [
          '--loose-mysqlx=OFF',
          '--secure-file-priv=NULL',
          ...(memoryMb === undefined ? [] : [`--innodb-redo-log-capacity=${memoryMb}M`]),
        ]
      : [`--innodb-log-file-size=${memoryMb ?? 64}M`]),
    ...settings,
  ]
}

// Run by the server at each start: the password file is the truth, and losing it locks nobody out.
function writeInitFile(home: string, password: string): string {
  const file = join(home, 'init.sql')
  const statements = [
    "CREATE USER IF NOT EXISTS 'root'@'127.0.0.1'",
    `ALTER USER 'root'@'127.0.0.1' IDENTIFIED BY '${password}'`,
    "GRANT ALL PRIVILEGES ON *.* TO 'root'@'127.0.0.1' WITH GRANT OPTION",
    `ALTER USER IF EXISTS 'root'@'localhost' IDENTIFIED BY '${password}'`,
    "DROP USER IF EXISTS ''@'localhost', 'root'@'::1'",
  ]
  writePrivateFile(file, statements.map((statement) => `${statement};\n`).join(''))
  return file
}

function keptPort(home: string): number | undefined {
  const file = join(home, 'port')
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) : undefined
}

// A socket's path may have 107 bytes (103 on macOS), and people keep repositories deep in their folders.
function socketPath(home: string): string {
  const beside = join(home, 'mysql.sock')
  if (Buffer.byteLength(beside) <= 100) return beside
  const short = join(tmpdir(), `spawnpoint-${createHash('sha256').update(home).digest('hex').slice(0, 12)}`)
  mkdirSync(short, { recursive: true, mode: 0o700 })
  return join(short, 'mysql.sock')
}

async function answers(url: string): Promise<boolean> {
  const connection = await openConnection(url, { connectTimeout: 1_000 })
  await connection.end()
  return true
}

function appArmorHint(product: string): string {
  const confined = product === 'MySQL' && existsSync('/etc/apparmor.d/usr.sbin.mysqld')
  return confined
    ? '. AppArmor keeps this mysqld to the system folders: install mariadb-server beside it, or give MYSQL_URL'
    : ''
}

// A starting server deletes what it takes for its own leftovers in the temporary folder, those of servers that run too.
function ownTemporary(home: string): string[] {
  const folder = join(home, 'tmp')
  mkdirSync(folder, { recursive: true })
  return [`--tmpdir=${folder}`]
}

// The servers refuse to run as root by accident.
function asRoot(): string[] {
  return process.getuid?.() === 0 ? ['--user=root'] : []
}
