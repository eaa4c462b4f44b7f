import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const command = fileURLToPath(new URL('../bin/spawnpoint.mjs', import.meta.url))

export type Ended = { code: number; stdout: string; stderr: string }

export function run(args: string[], env: Record<string, string> = {}): Promise<Ended> {
  const given = { PATH: process.env.PATH, SPAWNPOINT_DATA: '/nowhere', SPAWNPOINT_API_KEY: 'secret', ...env }
  return new Promise((resolve) => {
    execFile(process.execPath, [command, ...args], { env: given }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    )
  })
}
