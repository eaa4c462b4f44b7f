import type { Random } from './random.ts'

const targets = ['billing-gateway', 'order', 'provisioner', 'nats', 'mysql'] as const
export type Target = (typeof targets)[number]

const wires = ['mysql', 'nats', 'stripe-api', 'panel', 'webhooks'] as const
export type WireName = (typeof wires)[number]

const panelTroubles = ['429', '500', 'hang', '504-but-created', 'response-lost', 'refused', 'slow'] as const
export type PanelTrouble = (typeof panelTroubles)[number]

const stripeTroubles = ['429', '500', 'hang', 'response-lost', 'slow'] as const
export type StripeTrouble = (typeof stripeTroubles)[number]

const webhookTroubles = ['repeat', 'delay', 'reorder', 'wrong-signature'] as const
export type WebhookTrouble = (typeof webhookTroubles)[number]

export type PlannedFault = { atMs: number } & (
  | { kind: 'kill'; target: Target; downMs: number }
  | { kind: 'freeze'; target: Target; forMs: number }
  | { kind: 'wipe' }
  | { kind: 'cut'; wire: WireName }
  | { kind: 'slow'; wire: WireName; perPieceMs: number; forMs: number }
  | { kind: 'stall'; wire: WireName; forMs: number }
  | { kind: 'panel'; trouble: PanelTrouble; times: number; forMs: number }
  | { kind: 'stripe'; trouble: StripeTrouble; times: number; forMs: number }
  | { kind: 'webhooks'; trouble: WebhookTrouble; forMs: number }
)

type Options = { kills: number; loadMs: number; mysqlIsOurs: boolean }

/** How many of each for one kill. */
const perKill = { freeze: 1, cut: 1, slow: 0.5, stall: 0.5, panel: 2, stripe: 0.7, webhooks: 1 }

export function planFaults(random: Random, { kills, loadMs, mysqlIsOurs }: Options): PlannedFault[] {
  const many = (count: number, plan: () => WithoutTime<PlannedFault>) =>
    Array.from(
      { length: Math.round(count) },
      (_, index): PlannedFault => ({
        atMs: random.spread({ index, of: Math.round(count), over: loadMs }),
        ...plan(),
      }),
    )
  const target = () => random.weighted(mysqlIsOurs ? targetWeights : { ...targetWeights, mysql: 0 })
  const wire = () => random.pick(wires)
  return [
    ...many(kills, () => ({ kind: 'kill', target: target(), downMs: random.integer(0, 2_000) })),
    ...many(kills * perKill.freeze, () => ({
      kind: 'freeze',
      target: target(),
      forMs: Math.round(300 * 12 ** random.next()),
    })),
    ...many(kills === 0 ? 0 : Math.max(1, kills / 12), () => ({ kind: 'wipe' })),
    ...many(kills * perKill.cut, () => ({ kind: 'cut', wire: wire() })),
    ...many(kills * perKill.slow, () => ({
      kind: 'slow',
      wire: wire(),
      perPieceMs: random.integer(5, 50),
      forMs: random.integer(500, 3_000),
    })),
    ...many(kills * perKill.stall, () => ({
      kind: 'stall',
      wire: wire(),
      forMs: random.integer(300, 4_000),
    })),
    ...many(kills * perKill.panel, () => ({
      kind: 'panel',
      trouble: random.pick(panelTroubles),
      times: random.integer(1, 6),
      forMs: 3_000,
    })),
    ...many(kills * perKill.stripe, () => ({
      kind: 'stripe',
      trouble: random.pick(stripeTroubles),
      times: random.integer(1, 4),
      forMs: 2_000,
    })),
    ...many(kills * perKill.webhooks, () => ({
      kind: 'webhooks',
      trouble: random.pick(webhookTroubles),
      forMs: random.integer(500, 3_000),
    })),
  ].toSorted((a, b) => a.atMs - b.atMs)
}

const targetWeights: Record<Target, number> = {
  'billing-gateway': 20,
  order: 25,
  provisioner: 25,
  nats: 15,
  mysql: 15,
}

type WithoutTime<Fault> = Fault extends unknown ? Omit<Fault, 'atMs'> : never
