import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { prepare } from './prepare.mjs'
import { installed, runInForeground } from './run.mjs'

// `npm run test:soak [-- <pattern>]`: the files that have more to run than `npm test` takes of them, and all of it.
const isSoak = process.argv[2] === '--soak'
const patterns = process.argv.slice(isSoak ? 3 : 2)
if (isSoak) process.env.SPAWNPOINT_SOAK = '1'

await prepare()
const servers = await runInForeground(process.execPath, ['packages/stack/dist/ensure-servers.js'])
if (servers !== 0) process.exit(servers)

const reportDirectory = mkdtempSync(join(tmpdir(), 'spawnpoint-test-'))
const report = join(reportDirectory, 'report.json')
const exitCode = await runInForeground(installed('vitest'), [
  ...['run', '--config', 'infra/vitest.config.ts'],
  ...['--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
  ...patterns,
])
const { passed, failed, skipped } = tally(report, exitCode)
rmSync(reportDirectory, { recursive: true })

console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`)
process.exitCode = failed > 0 || passed === 0 ? 1 : 0

function tally(path, code) {
  const { numPassedTests = 0, numFailedTests = 0, numPendingTests = 0, numTodoTests = 0 } = readReport(path)
  return {
    passed: numPassedTests,
    // A file that does not load, an error outside every test, a run cut short: no test failed, and yet it is a failure.
    failed: numFailedTests === 0 && code !== 0 ? 1 : numFailedTests,
    skipped: numPendingTests + numTodoTests,
  }
}

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    console.error(`vitest left no report: ${error.message}`)
    return {}
  }
}
