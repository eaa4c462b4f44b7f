import { z } from 'zod'

const share = {
  /** 0..1: how likely a fault is each time it could fire; 1 if left out. */
  chance: z.number().min(0).max(1).optional(),
  /** How often it fires before it is over; no end if left out. */
  times: z.number().int().min(1).optional(),
}

/** How the API misbehaves. `hang` and `lost-response` hold a call open or cut it; `work`: whether it was carried out all the same. */
export const apiFault = z.strictObject({
  when: z.strictObject({ method: z.string().optional(), path: regex().optional(), ...share }).default({}),
  do: z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('status'),
      status: z.number().int().min(400).max(599),
      message: z.string().optional(),
    }),
    z.strictObject({ kind: z.literal('hang'), work: z.boolean().default(false) }),
    z.strictObject({ kind: z.literal('lost-response') }),
    z.strictObject({ kind: z.literal('refused') }),
    z.strictObject({ kind: z.literal('slow'), ms: z.number().min(0) }),
  ]),
})

/** How the delivery of webhooks misbehaves. A dropped event is never tried again: only the list of events still has it. */
export const webhookFault = z.strictObject({
  when: z.strictObject({ type: regex().optional(), ...share }).default({}),
  do: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('duplicate'), copies: z.number().int().min(1).default(1) }),
    z.strictObject({ kind: z.literal('delay'), ms: z.number().min(0) }),
    z.strictObject({
      kind: z.literal('shuffle'),
      windowMs: z.number().min(0).default(50),
      order: z.enum(['random', 'reverse']).default('random'),
    }),
    z.strictObject({ kind: z.literal('drop') }),
    // The object changes, and no event of it ever exists: not in the list either.
    z.strictObject({ kind: z.literal('ungenerated') }),
    z.strictObject({ kind: z.literal('wrong-signature') }),
    z.strictObject({ kind: z.literal('stale-timestamp'), ageS: z.number().default(3600) }),
  ]),
})

export type ApiFault = z.input<typeof apiFault>
export type ApiFaultEffect = z.output<typeof apiFault>['do']
export type WebhookFault = z.input<typeof webhookFault>
export type WebhookFaultEffect = z.output<typeof webhookFault>['do']

export type Faults = ReturnType<typeof createFaults>

export function createFaults({ random }: { random: () => number }) {
  const api = createList<z.output<typeof apiFault>>(random)
  const webhooks = createList<z.output<typeof webhookFault>>(random)
  let added = 0

  return {
    addApiFault: (fault: ApiFault) => api.add(`fault_${++added}`, apiFault.parse(fault)),
    addWebhookFault: (fault: WebhookFault) => webhooks.add(`fault_${++added}`, webhookFault.parse(fault)),

    /** Removes one fault, or all of them; returns how many. What they fired stays counted. */
    remove: (id?: string) => api.remove(id) + webhooks.remove(id),
    fired: () => [...api.fired(), ...webhooks.fired()],

    takeForCall: ({ method, path }: { method: string; path: string }) =>
      api.take(
        ({ when }) =>
          (when.method === undefined || when.method.toUpperCase() === method) &&
          (when.path === undefined || new RegExp(when.path).test(path)),
      ),
    takeForDelivery: (type: string) =>
      webhooks.take((rule) => rule.do.kind !== 'ungenerated' && concerns(rule, type)),
    /** Whether an event comes to be at all. */
    isGenerated: (type: string) =>
      webhooks.take((rule) => rule.do.kind === 'ungenerated' && concerns(rule, type)) === undefined,
  }
}

type Rule = { when: { chance?: number | undefined; times?: number | undefined }; do: unknown }

function createList<R extends Rule>(random: () => number) {
  const rules = new Map<string, { rule: R; fired: number; removed: boolean }>()

  return {
    add(id: string, rule: R) {
      rules.set(id, { rule, fired: 0, removed: false })
      return id
    },

    remove(id?: string) {
      const going = [...rules].filter(([name, entry]) => !entry.removed && (id === undefined || id === name))
      for (const [, entry] of going) entry.removed = true
      return going.length
    },

    fired: () => [...rules].map(([id, { rule, fired, removed }]) => ({ id, ...rule, fired, removed })),

    /** The first rule that applies fires, and is spent by one. */
    take(applies: (rule: R) => boolean): R['do'] | undefined {
      for (const entry of rules.values()) {
        const { times = Infinity, chance = 1 } = entry.rule.when
        if (entry.removed || entry.fired >= times || !applies(entry.rule)) continue
        if (chance < 1 && random() >= chance) continue
        entry.fired++
        return entry.rule.do
      }
      return undefined
    },
  }
}

function concerns({ when }: { when: { type?: string | undefined } }, type: string) {
  return when.type === undefined || new RegExp(when.type).test(type)
}

function regex() {
  return z.string().refine(isRegex, 'not a regular expression')
}

function isRegex(source: string) {
  try {
    return new RegExp(source) instanceof RegExp
  } catch {
    return false
  }
}
