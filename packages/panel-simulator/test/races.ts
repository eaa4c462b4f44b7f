import { expect } from 'vitest'
import type { Panel } from '../src/index.ts'
import { isObject } from './json.ts'
import { attributesIn, type Exchange } from './record.ts'
import type { Replay } from './replay.ts'
import type { Answered } from './send.ts'

/** Whatever was called at the same time. */
export function expectInvariants(panel: Panel): void {
  const { servers, users } = panel.state()
  const externalIds = servers.flatMap(({ external_id }) => external_id?.toLowerCase() ?? [])
  expect(new Set(externalIds).size).toBe(externalIds.length)
  expect(new Set(servers.map(({ allocation }) => allocation)).size).toBe(servers.length)
  expect(new Set(users.map(({ email }) => email.toLowerCase())).size).toBe(users.length)
  expect(new Set(users.map(({ username }) => username)).size).toBe(users.length)
}

/** Status, code and what is reasons: the kinds of answers that a race can give. A row may be unsavable for two reasons at once. */
export function outcomesOf(status: number, body: unknown): string[] {
  const errors = isObject(body) && Array.isArray(body.errors) ? body.errors.filter(isObject) : []
  const reasons = errors.flatMap(({ code, detail }) => {
    const [before = '', reasons] = String(detail).split('failed to validate data: ')
    return (reasons?.slice(1, -1).split(/,(?=")/) ?? ['']).map((reason) => `${code} ${before}${reason}`)
  })
  return reasons.length === 0 ? [String(status)] : reasons.map((text) => `${status} ${text}`)
}

export function answeredOutcomes({ status, text }: Answered): string[] {
  return outcomesOf(status, text === '' ? null : JSON.parse(text))
}

/**
 * Puts the panel where the record goes on: the recorded winners with their allocations, in the place of those who won here.
 */
export async function settleRace(replay: Replay, group: Exchange[]): Promise<void> {
  const { panel } = replay
  const requested = new Set(group.map(externalIdOf))
  const isOfRace = (row: { external_id: string | null }) => requested.has(row.external_id)
  const { servers, users } = panel.state()
  panel.configure({ rateLimitPerMinute: null })
  panel.change({
    delete: {
      servers: servers.filter(isOfRace).map(({ id }) => id),
      users: users.filter(isOfRace).map(({ id }) => id),
    },
  })
  const grow: (() => void)[] = []
  for (const exchange of winnersById(group)) grow.push(await letWin(replay, exchange))
  for (const change of grow) change()
  giveAllocations(replay, group)
  panel.configure({ rateLimitPerMinute: 240 })
}

function winnersById(group: Exchange[]): Exchange[] {
  return group
    .filter(({ request, response }) => request.method === 'POST' && response?.status === 201)
    .sort((a, b) => Number(madeBy(a)?.id) - Number(madeBy(b)?.id))
}

// Asked without what only a race can get: more than fits on the node, another's port, an external id that is taken.
// Returns how to give it that in the end.
async function letWin({ panel, translation, call, wanted }: Replay, exchange: Exchange): Promise<() => void> {
  const recorded = madeBy(exchange)
  const { allocation, limits, ...body } = isObject(exchange.request.body) ? exchange.request.body : {}
  const { external_id } = body
  if (!recorded || typeof external_id !== 'string') throw new Error(`${exchange.name} made nothing`)
  const isUser = 'email' in body
  const humble = isUser
    ? { ...body, external_id: null, password: 'Abcdefgh12345678' }
    : {
        ...body,
        limits: { ...(isObject(limits) && limits), memory: 0, disk: 0 },
        ...(isObject(allocation) && { allocation: { default: recorded.allocation } }),
      }
  wanted.set(external_id, Number(recorded.allocation))
  const answered = await call({ ...exchange, request: { ...exchange.request, body: humble } })
  expect(answered.status, answered.text).toBe(201)
  const actual = madeBy({
    ...exchange,
    response: { status: 201, headers: {}, body: JSON.parse(answered.text) },
  })
  if (!actual) throw new Error(`${exchange.name} was not settled`)
  translation.learn(isUser ? 'user' : 'server', recorded, actual)
  const id = Number(actual.id)
  if (isUser) return () => panel.change({ users: [{ id, external_id }] })
  const { memory, disk } = isObject(limits) ? limits : {}
  return () => panel.change({ servers: [{ id, memory: Number(memory), disk: Number(disk) }] })
}

/** Whose an allocation was after a race for it. */
function giveAllocations({ panel, translation }: Replay, [first]: Exchange[]): void {
  const rows = Array.isArray(first?.db_after) ? first.db_after.filter(isObject) : []
  for (const row of rows) {
    if (!('allocation' in row)) continue
    const owner = row.server_id ?? row.owner_by_allocations_table
    const server_id = owner === null || owner === undefined ? null : translation.serverId(Number(owner))
    panel.change({ allocations: [{ id: Number(row.allocation), server_id }] })
  }
}

function madeBy({ response }: Exchange): Record<string, unknown> | undefined {
  return attributesIn(response?.body, 'server').concat(attributesIn(response?.body, 'user'))[0]
}

function externalIdOf({ request: { body } }: Exchange): unknown {
  return isObject(body) ? body.external_id : undefined
}
