import { z } from 'zod'
import { createFirings, firing } from './firing.ts'
import { fronts } from './http/front.ts'

/** How calls to the API misbehave. `work`: whether a call that gets no answer was carried out all the same. */
export const panelFault = z.strictObject({
  when: z.strictObject({ method: z.string().optional(), path: regex().optional(), ...firing }).default({}),
  do: z.discriminatedUnion('kind', [
    /** Answers as the panel answers with this status; `code` and `detail` instead of the usual. */
    z.strictObject({
      kind: z.literal('status'),
      status: z.number().int().min(400).max(599),
      code: z.string().optional(),
      detail: z.string().optional(),
      retryAfterS: z.number().int().min(0).optional(),
    }),
    z.strictObject({ kind: z.literal('created-then-504') }),
    z.strictObject({ kind: z.literal('lost-response') }),
    z.strictObject({ kind: z.literal('hang'), work: z.boolean().default(false) }),
    z.strictObject({ kind: z.literal('refused') }),
    z.strictObject({ kind: z.literal('slow'), ms: z.number().min(0) }),
    /** What stands in front of the panel answers in its place. */
    z.strictObject({ kind: z.literal('front'), as: z.enum(fronts) }),
    z.strictObject({
      kind: z.literal('respond'),
      status: z.number().int().min(200).max(599),
      headers: z.record(z.string(), z.string()).default({}),
      body: z.string().default(''),
      work: z.boolean().default(false),
    }),
  ]),
})

export type PanelFault = z.input<typeof panelFault>
export type PanelFaultEffect = z.output<typeof panelFault>['do']

export type PanelFaults = ReturnType<typeof createPanelFaults>

export function createPanelFaults({ random }: { random: () => number }) {
  const firings = createFirings<z.output<typeof panelFault>>({
    prefix: 'fault',
    random,
    firingOf: ({ when }) => when,
  })
  return {
    add: (fault: PanelFault) => firings.add(panelFault.parse(fault)),
    remove: (wanted?: string) => firings.remove((_, id) => wanted === undefined || id === wanted),
    take: (method: string, path: string) =>
      firings.take(
        ({ when }) =>
          (when.method === undefined || when.method.toUpperCase() === method) &&
          (when.path === undefined || new RegExp(when.path).test(path)),
      )?.do,
    all: firings.all,
  }
}

function regex() {
  return z.string().refine((source) => {
    try {
      return new RegExp(source) instanceof RegExp
    } catch {
      return false
    }
  }, 'not a regular expression')
}
