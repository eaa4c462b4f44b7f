import { randomBytes } from 'node:crypto'
import { type Panel, type PanelOptions, startPanel } from '@spawnpoint/panel-simulator'
import { owning } from '@spawnpoint/stack'
import { expect } from 'vitest'
import { openSeller, type Seller } from './seller.ts'

export type TwoPanels = Awaited<ReturnType<typeof openTwoPanels>>

/** A seller whose region `eu` is on the panel `main`, and whose region `us` is on the panel `fra`, where the plan is of another egg. */
export async function openTwoPanels({
  env = {},
  fra: options = {},
  ...main
}: PanelOptions & { env?: Record<string, string>; fra?: PanelOptions } = {}) {
  const cleanUp = owning()
  const key = `k1:${randomBytes(32).toString('base64')}`
  const seller = cleanUp.own(await openSeller({ ...main, env: { SECRETS_KEYS: key, ...env } }))
  const fra = cleanUp.own(await startSecond(options))
  await put(seller, '/admin/panels/fra', { url: fra.url, token: fra.token })
  await put(seller, '/admin/plan-specs/small', {
    panel: 'fra',
    ptero_egg_id: 2,
    limits: { memory: 2048, swap: 0, disk: 10240, io: 500, cpu: 100 },
    environment: { RCON_PASS: 'example-password' },
  })
  await put(seller, '/admin/region-nodes/us', { panel: 'fra', nodes: [1, 2] })
  return {
    seller,
    fra,
    key,
    onFra: (orderId: string) => serversOf(fra, orderId),
    [Symbol.asyncDispose]: () => cleanUp[Symbol.asyncDispose](),
  }
}

export function startSecond(options: PanelOptions = {}): Promise<Panel> {
  const install = { mode: 'after', ms: 2_000 } as const
  return startPanel({ timeScale: 0.02, rateLimitPerMinute: 1_000_000, install, ...options })
}

export function serversOf(panel: Panel, orderId: string) {
  return panel.state().servers.filter(({ external_id }) => external_id === orderId)
}

export async function put(seller: Seller, path: string, body: unknown): Promise<unknown> {
  const answer = await seller.send('PUT', path, body)
  const said: unknown = await answer.json()
  expect({ status: answer.status, said }).toMatchObject({ status: 200 })
  return said
}
