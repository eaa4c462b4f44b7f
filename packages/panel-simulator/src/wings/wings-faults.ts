import { z } from 'zod'
import { createFirings, firing } from '../firing.ts'

const daemonCalls = ['create', 'sync', 'reinstall', 'delete', 'deny'] as const
export type DaemonCall = (typeof daemonCalls)[number]

const afterMs = z.number().min(0).default(0)

const effect = z.discriminatedUnion('kind', [
  /** Nobody listens. */
  z.strictObject({ kind: z.literal('refused') }),
  /** Packets vanish: the panel gives up connecting after 5 s. */
  z.strictObject({ kind: z.literal('unreachable') }),
  /** Listens and never answers: the panel gives up after 15 s. */
  z.strictObject({ kind: z.literal('hang') }),
  /** Takes the call and cuts the connection. */
  z.strictObject({ kind: z.literal('closed') }),
  /** Executes the call, but late. */
  z.strictObject({ kind: z.literal('slow'), ms: z.number().min(0) }),
  z.strictObject({
    kind: z.literal('status'),
    status: z.number().int().min(200).max(599),
    error: z.string().optional(),
    requestId: z.string().optional(),
    afterMs,
  }),
])

/** A status alone is short for the usual error of real Wings. */
const short = z.union([
  z.enum(['refused', 'unreachable', 'hang', 'closed']).transform((kind) => ({ kind })),
  z
    .number()
    .int()
    .min(200)
    .max(599)
    .transform((status) => ({ kind: 'status' as const, status, error: usualErrors[status], afterMs: 0 })),
])

export const wingsFault = z.strictObject({
  node: z.number().int().optional(),
  on: z.enum(daemonCalls).optional(),
  ...firing,
  fault: z.union([short, effect]),
})

export type WingsFault = z.input<typeof wingsFault>
export type WingsFaultEffect = z.output<typeof wingsFault>['fault']

export type WingsFaults = ReturnType<typeof createWingsFaults>

export function createWingsFaults({ random }: { random: () => number }) {
  const firings = createFirings<z.output<typeof wingsFault>>({
    prefix: 'wings',
    random,
    firingOf: ({ chance, times }) => ({ chance, times }),
  })
  return {
    add: (fault: WingsFault) => firings.add(wingsFault.parse(fault)),
    heal: (node?: number) => firings.remove((fault) => node === undefined || fault.node === node),
    remove: (wanted?: string) => firings.remove((_, id) => wanted === undefined || id === wanted),
    take: (node: number, call: DaemonCall) =>
      firings.take(
        (fault) =>
          (fault.node === undefined || fault.node === node) && (fault.on === undefined || fault.on === call),
      )?.fault,
    all: firings.all,
  }
}

const usualErrors: Record<number, string | undefined> = {
  401: 'The required authorization heads were not present in the request.',
  403: 'You are not authorized to access this endpoint.',
  404: 'The requested resource does not exist.',
  409: 'Cannot execute server reinstall event while another power action is running.',
  422: 'The data provided in the request could not be validated.',
}
