import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../run.mjs'

/**
 * Words of our own that have a standard name; the whole table is in .github/CONTRIBUTING.md.
 * @type {[RegExp, string][]}
 */
const replaced = [
  [/inflict|victim/i, 'inject, target'],
  [/straggler/i, 'late event'],
  [/mistrust/i, 'quarantine'],
  [/waiting.?line(?!s)/i, 'provisioning queue'],
  [/\bwish(?:es|ed)?\b/i, 'request'],
  [/\bguilty\b/i, 'poison message'],
  [/take-?turn/i, 'interval lock'],
  [/\bburied\b|\bbury/i, 'dead-letter'],
  [/spare.?time/i, 'load shedding'],
  [/\bhears?\b/, 'consume'],
  [/Hearing\b/, 'ConsumerDefinition'],
  [/CrashPoint|crash point/i, 'failpoint'],
  [/\bgoBy\b/, 'select billing payment'],
  [/PaymentStanding|ServerStanding|moneyStatement/, 'PaymentState, ServerStatement, billingStatement'],
  [/say-?again|lookAgain/i, 'republish, recheck'],
  [/standingOf|\btroubles(?:Of)?\b/, 'billing evaluation, suspension reasons'],
]

const allowed = [
  // The table itself, and texts of the operators' interface that scripts search for.
  /^\.github\/CONTRIBUTING\.md$/,
  /^infra\/check\/vocabulary\.mjs$/,
  // The names of the version before.
  /^packages\/contracts\/src\/(?:former-names|rpc\/republish)\.ts$/,
  /^packages\/cli\/test\//,
  // Vendors' own words, and people who hear.
  /^packages\/(?:stripe|panel)-simulator\//,
  /^packages\/service-kit\//,
]

/** The words that CONTRIBUTING replaces do not come back. */
export async function vocabularyHolds() {
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.ts', '*.mjs', '*.md'], {
    cwd: root,
    encoding: 'utf8',
  })
  return files
    .split('\n')
    .filter((file) => file !== '' && !allowed.some((pattern) => pattern.test(file)))
    .flatMap(problemsIn)
}

function problemsIn(file) {
  return read(file)
    .split('\n')
    .flatMap((line, index) =>
      replaced.flatMap(([pattern, better]) => {
        const found = pattern.exec(line)
        return found ? [`${file}:${index + 1}: ${found[0]} → ${better}`] : []
      }),
    )
}

function read(file) {
  try {
    return readFileSync(join(root, file), 'utf8')
  } catch (error) {
    if (error.code === 'ENOENT') return ''
    throw error
  }
}
