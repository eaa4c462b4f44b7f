import { execFileSync } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'

/** The first of `names` that this machine has. */
export function findBinary(names: string[], extraFolders: string[] = []): string | undefined {
  const onPath = (process.env.PATH ?? '').split(delimiter).filter(Boolean)
  const folders = [...extraFolders, ...onPath, ...oftenNotOnPath]
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable)
}

/** A tool that came with `binary` (`../bin`, `../scripts` in a tarball), before one of the same name from elsewhere. */
export function findBeside(binary: string, names: string[]): string | undefined {
  const folder = dirname(binary)
  return findBinary(names, [folder, join(folder, '../bin'), join(folder, '../scripts')])
}

/** `mariadbd  Ver 10.11.19-MariaDB-0+deb12u1 for …`, `nats-server: v2.9.10` */
export function versionLine(binary: string): string {
  return execFileSync(binary, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
}

const oftenNotOnPath = [
  '/usr/sbin',
  '/usr/local/sbin',
  '/usr/local/bin',
  '/usr/libexec',
  '/usr/local/mysql/bin',
  ...['/opt/homebrew', '/usr/local', '/home/linuxbrew/.linuxbrew'].flatMap((brew) => [
    `${brew}/bin`,
    `${brew}/opt/mariadb/bin`,
    `${brew}/opt/mysql/bin`,
  ]),
]

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
