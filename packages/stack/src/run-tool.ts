import { execFile } from 'node:child_process'

/** Runs a program to its end and gives what it printed; when it fails, the error quotes its last lines. */
export function runTool(
  command: string,
  args: string[],
  { env, timeoutMs = 0 }: { env?: NodeJS.ProcessEnv; timeoutMs?: number } = {},
): Promise<string> {
  const options = { env: env ?? process.env, timeout: timeoutMs, maxBuffer: 64 * 1024 * 1024 }
  return new Promise((resolve, reject) => {
    execFile(command, args, options, (cause, stdout, stderr) => {
      if (!cause) return resolve(stdout)
      const output = `${stdout}${stderr}`.trim().split('\n').slice(-15).join('\n')
      reject(new Error(`${command} failed: ${output || cause.message}`))
    })
  })
}
