import { existsSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { eventually } from './eventually.ts'
import type { Exit } from './launch.ts'
import type { ServiceProcess } from './service-process.ts'

const preload = fileURLToPath(new URL('./die-at.mjs', import.meta.url))

/** What a service is started with, so that it can be armed through `file`; after each of its deaths again. */
export function failpointSettings(file: string): { env: Record<string, string>; nodeArgs: string[] } {
  return { env: { DIE_AT_FILE: file }, nodeArgs: ['--import', preload] }
}

/** From now on the process dies when it next passes the point. */
export async function armFailpoint(
  service: ServiceProcess,
  file: string,
  point: string,
): Promise<{ death: Promise<Exit> }> {
  const death = service.exited()
  writeFileSync(file, point)
  process.kill(service.pid(), 'SIGUSR2')
  await eventually(() => {
    if (existsSync(file)) throw new Error(`${service.name} has not been armed yet`)
  })
  return { death }
}
