import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository's root: where every command of this folder runs. */
export const root = fileURLToPath(new URL('..', import.meta.url))

/** The path of a command that an installed package brings. */
export const installed = (command) => join(root, 'node_modules/.bin', command)

/** Runs a command to its end in silence; `{ code, stdout, output }`, output being both streams as they came. */
export function run(command, args, env = {}) {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { cwd: root, env: { ...process.env, ...noTelemetry, ...env } })
    let stdout = ''
    let output = ''
    child.stdin.end()
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text
        if (stream === child.stdout) stdout += text
        if (process.env.VERBOSE) process.stderr.write(text)
      })
    }
    child.on('error', (cause) => fail(new Error(`starting ${command}`, { cause })))
    child.on('close', (code) => done({ code: code ?? 1, stdout, output }))
  })
}

/** Runs a command on this terminal and hands back its exit code. */
export function runInForeground(command, args) {
  return new Promise((done, fail) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit' })
    // A terminal sends Ctrl-C to the child as well: outlive it here, so that it can put its servers away.
    const outlive = () => {}
    const passOn = () => child.kill('SIGTERM')
    process.on('SIGINT', outlive).on('SIGTERM', passOn)
    child.on('error', (cause) => fail(new Error(`starting ${command}`, { cause })))
    child.on('close', (code) => {
      process.off('SIGINT', outlive).off('SIGTERM', passOn)
      done(code ?? 1)
    })
  })
}

const noTelemetry = {
  DO_NOT_TRACK: '1',
  TURBO_TELEMETRY_DISABLED: '1',
  TURBO_NO_UPDATE_NOTIFIER: '1',
  CHECKPOINT_DISABLE: '1',
}
