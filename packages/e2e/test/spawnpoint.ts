import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Shop } from './shop.ts'

const command = fileURLToPath(new URL('../../cli/bin/spawnpoint.mjs', import.meta.url))

export type Ran = { code: number; stdout: string; stderr: string }

/** The operator's command, at this shop's services. */
export function spawnpoint({ stack: { services, apiKey } }: Shop, ...args: string[]): Promise<Ran> {
  const env = {
    PATH: process.env.PATH,
    SPAWNPOINT_API_KEY: apiKey,
    SPAWNPOINT_ORDER_URL: services.order.url,
    SPAWNPOINT_PROVISIONER_URL: services.provisioner.url,
    SPAWNPOINT_BILLING_GATEWAY_URL: services['billing-gateway'].url,
  }
  return new Promise((resolve) => {
    execFile(process.execPath, [command, ...args], { env }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    )
  })
}
