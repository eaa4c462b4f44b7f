import { dockerAnswers } from './docker.ts'
import { canInstallPackages, type DistributionServer, installPackages } from './install-packages.ts'
import { findMysqlBinary } from './mysql.ts'
import { findNatsBinary } from './nats.ts'

// Run before the tests: they start servers of their own from binaries, NATS in every file, so Docker does not do for it.
const print = (line: string) => process.stderr.write(`${line}\n`)
const missing: DistributionServer[] = []
const mysqlElsewhere = Boolean(process.env.SPAWNPOINT_TEST_MYSQL_URL)
if (!mysqlElsewhere && !findMysqlBinary() && !(await dockerAnswers())) missing.push('mysql')
if (!process.env.SPAWNPOINT_TEST_NATS_SERVER && !findNatsBinary()) missing.push('nats')

if (missing.length > 0 && canInstallPackages()) {
  await installPackages(missing, print)
} else if (missing.length > 0) {
  const names = missing.map((server) => (server === 'mysql' ? 'MariaDB or MySQL' : 'nats-server'))
  print(
    `The tests need ${names.join(' and ')} on this machine: apt install mariadb-server nats-server, or brew install mariadb nats-server`,
  )
  process.exitCode = 1
}
