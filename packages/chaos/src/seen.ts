/** What the panel has, of what matters here. */
export type ServerSeen = {
  id: number
  identifier: string
  external_id: string | null
  name: string
  status: string | null
  owner: string
  memory: number
}

/**
 * `lost`: paid, no server, and the order does not know that one is owed. `doubled`: more than one for one order. `stuck`: the
 * order knows, and at the end its server is not there or not installed. `orphaned`: a server that no paid order stands behind.
 * `wrong`: the order API does not say what the panel and the buyer know. `harmed`: paid for this moment, or nothing says that it is
 * not, and its server is suspended or deleted, or was meanwhile. `freeloading`: its server runs unpaid, beyond what the plan allows.
 */
export const verdicts = ['lost', 'doubled', 'stuck', 'orphaned', 'wrong', 'harmed', 'freeloading'] as const
export type Verdict = (typeof verdicts)[number]
