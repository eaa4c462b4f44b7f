import { z } from 'zod'
import type { Server } from '../tables/rows.ts'
import type { Tables } from '../tables/tables.ts'
import type { Sleep } from '../time.ts'

export const installPlan = z.strictObject({
  /** `at-once`: Wings reports before the panel has answered the create. */
  mode: z.enum(['at-once', 'after', 'fail', 'never']),
  ms: z.number().min(0).optional(),
  /** For so many installs; the ones after it are done at once. Left out: for all. */
  times: z.number().int().positive().optional(),
})
export type InstallPlan = z.input<typeof installPlan>

export type Installs = ReturnType<typeof createInstalls>

/** The installs that Wings runs, and its reports of how they ended: the only thing that ends `installing`. */
export function createInstalls({
  tables,
  initial,
  sleep,
  now,
}: {
  tables: Tables
  initial: InstallPlan
  sleep: Sleep
  now: () => number
}) {
  let plan = initial
  const planned = new Map<string, InstallPlan>()
  const running = new Map<number, symbol>()

  function report(server: Server, { successful, reinstall }: { successful: boolean; reinstall: boolean }) {
    const failure = reinstall ? 'reinstall_failed' : 'install_failed'
    if (server.status !== 'suspended') server.status = successful ? null : failure
    server.installed_at = now()
    server.updated_at = now()
  }

  function next(of: InstallPlan): { mode: InstallPlan['mode']; ms: number } {
    if (of.times === 0) return { mode: 'at-once', ms: 0 }
    if (of.times !== undefined) of.times -= 1
    return { mode: of.mode, ms: of.ms ?? 0 }
  }

  function begin(server: Server, reinstall: boolean) {
    const { mode, ms } = next(planned.get(String(server.id)) ?? planned.get(server.external_id ?? '') ?? plan)
    const run = Symbol()
    running.set(server.id, run)
    const finish = () => {
      if (running.get(server.id) !== run) return
      running.delete(server.id)
      if (tables.servers.has(server.id)) report(server, { successful: mode !== 'fail', reinstall })
    }
    if (mode === 'never') return
    if (mode === 'at-once') finish()
    else void sleep(ms).then(finish)
  }

  return {
    begin,
    report,
    abort: (server: Server) => running.delete(server.id),

    /** For installs to come, and for the one that runs if a server is named by its id or external id. */
    plan(given: InstallPlan, server?: string) {
      if (server === undefined) {
        plan = { ...given }
        return
      }
      planned.set(server, { ...given })
      const row = tables.servers.first((one) => String(one.id) === server || one.external_id === server)
      if (row?.status === 'installing') begin(row, row.installed_at !== null)
    },
  }
}
