import { sql } from '@spawnpoint/database'
import { type AuditEntry, baseEnv, createHttp } from '@spawnpoint/service-kit'
import { openClient, owning, type TablesClient, testDatabase } from '@spawnpoint/stack'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { recordAudit } from '../src/audit/audit-log.ts'
import { addAuditRoutes } from '../src/audit/audit-routes.ts'
import { log } from './replay-world.ts'

const cleanUp = owning()
const key = 'test-secret-0123456789'
let prisma: TablesClient

beforeAll(async () => {
  const database = cleanUp.own(await testDatabase('orders'))
  prisma = cleanUp.own(openClient(database.url))
})
beforeEach(() => prisma.$executeRaw(sql`DELETE FROM audit`))
afterAll(() => cleanUp[Symbol.asyncDispose]())

const entry: AuditEntry = {
  at: new Date('2026-11-30T10:00:00.123Z'),
  apiKey: 'alex',
  address: '192.0.2.7',
  method: 'PUT',
  route: '/admin/plans/:id',
  path: '/admin/plans/small',
  status: 200,
  code: null,
  requestId: 'request-1',
  subject: 'small',
  before: '{"amount":999}',
  after: '{"amount":1}',
}

type Page = { data: { seq: number; request_id: string }[]; has_more: boolean; next_cursor: string | null }

async function list(query: Record<string, string> = {}): Promise<Page> {
  const app = createHttp({
    isOutage: () => false,
    service: 'test',
    version: '0',
    apiKeys: baseEnv.API_KEYS.parse(`test:${key}`),
    routeScopes: {},
    checks: {},
    summary: async () => ({}),
    log,
  })
  addAuditRoutes(app, { prisma })
  const path = `/admin/audit?${new URLSearchParams(query)}`
  const answer = await app.request(path, { headers: { authorization: `Bearer ${key}` } })
  expect(answer.status).toBe(200)
  return (await answer.json()) as Page
}

test('an entry is listed as it was recorded', async () => {
  await recordAudit(prisma, entry)
  expect(await list()).toEqual({
    data: [
      {
        seq: expect.any(Number),
        at: '2026-11-30T10:00:00.123Z',
        key: 'alex',
        address: '192.0.2.7',
        method: 'PUT',
        route: '/admin/plans/:id',
        path: '/admin/plans/small',
        status: 200,
        code: null,
        request_id: 'request-1',
        subject: 'small',
        before: { amount: 999 },
        after: { amount: 1 },
      },
    ],
    has_more: false,
    next_cursor: null,
  })
})

test('entries are listed newest first, page by page, also those of one millisecond', async () => {
  for (let n = 0; n < 7; n += 1)
    await recordAudit(prisma, { ...entry, requestId: `r-${n}`, at: new Date(1_000 * Math.floor(n / 3)) })
  const ids: string[] = []
  for (let after: string | null = ''; after !== null; ) {
    const page: Page = await list({ limit: '2', ...(after && { starting_after: after }) })
    ids.push(...page.data.map(({ request_id }) => request_id))
    expect(page.has_more).toBe(page.next_cursor !== null)
    after = page.next_cursor
  }
  expect(ids).toEqual(['r-6', 'r-5', 'r-4', 'r-3', 'r-2', 'r-1', 'r-0'])
})

test('entries are found by key, by subject and since a time', async () => {
  await recordAudit(prisma, { ...entry, requestId: 'of-sam', apiKey: 'sam' })
  await recordAudit(prisma, { ...entry, requestId: 'of-order', subject: 'o-1' })
  await recordAudit(prisma, { ...entry, requestId: 'old', at: new Date('2026-11-01T00:00:00Z') })
  const found = async (query: Record<string, string>) =>
    (await list(query)).data.map(({ request_id }) => request_id)
  expect(await found({ key: 'sam' })).toEqual(['of-sam'])
  expect(await found({ subject: 'o-1' })).toEqual(['of-order'])
  expect(await found({ since: '2026-11-30T11:00:00+02:00' })).toEqual(['of-order', 'of-sam'])
  expect(await found({ subject: 'small', key: 'alex' })).toEqual(['old'])
  expect(await found({ starting_after: '1' })).toEqual([])
})
