export type MysqlFlavor = { product: 'MariaDB' | 'MySQL'; version: string; series: string }

/** From `--version` of a server binary or from `SELECT VERSION()`. */
export function mysqlFlavor(line: string): MysqlFlavor {
  const version = /\d+\.\d+\.\d+/.exec(line)?.[0]
  if (!version) throw new Error(`No version found in "${line}"`)
  const series = version.split('.').slice(0, 2).join('.')
  return { product: /mariadb/i.test(line) ? 'MariaDB' : 'MySQL', version, series }
}
