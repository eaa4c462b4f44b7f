import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { Transaction } from '@spawnpoint/database'
import { body, json, Problem, problem } from '@spawnpoint/service-kit'
import type { Tables } from '../tables.ts'
import { openReplays, type Replays } from './replay.ts'
import { replayRequestSchema } from './replay-request.ts'
import type { ReplayOptions } from './replay-run.ts'
import { listFindings, listReplays, type Replay, readReplay } from './replay-runs.ts'

const replaySchema = z
  .object({
    id: z.uuid(),
    /** Of the own stream: what the stream has lost is republished out of the outbox. */
    kind: z.enum(['replay', 'republish']),
    state: z.enum(['running', 'done', 'aborted', 'failed']),
    request: replayRequestSchema,
    next_seq: z.number().int(),
    end_seq: z.number().int(),
    total: z.number().int(),
    read: z.number().int(),
    counts: z.record(z.string(), z.number().int()),
    error: z.string().nullable(),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
  })
  .openapi('Replay')

const findingSchema = z
  .object({
    seq: z.number().int(),
    event_id: z.string(),
    type: z.string(),
    order_id: z.string(),
    outcome: z.string(),
    reason: z.string().nullable(),
    effect: z
      .object({
        fields: z.record(z.string(), z.object({ from: z.unknown(), to: z.unknown() })),
        says: z.array(z.string()),
      })
      .nullable(),
  })
  .openapi('ReplayFinding')

const id = z.object({ id: z.uuid() })
const notFound = problem('No such replay')
const routes = {
  start: createRoute({
    method: 'post',
    path: '/admin/replays',
    summary:
      'Decides events of a stream again; unless `dry_run` is false, only reports what that would change',
    request: { body: body(replayRequestSchema, 'Which events, and how') },
    responses: {
      202: json(replaySchema, 'Started'),
      422: problem('The request does not fit'),
      503: problem('NATS is away'),
    },
  }),
  list: createRoute({
    method: 'get',
    path: '/admin/replays',
    request: { query: z.object({ limit: z.coerce.number().int().min(1).max(100).default(20) }) },
    responses: { 200: json(z.object({ replays: z.array(replaySchema) }), 'Newest first') },
  }),
  show: createRoute({
    method: 'get',
    path: '/admin/replays/{id}',
    request: { params: id },
    responses: { 200: json(replaySchema, 'How far it is'), 404: notFound },
  }),
  findings: createRoute({
    method: 'get',
    path: '/admin/replays/{id}/findings',
    summary:
      'What became of each event, or would in a dry run; kept are the first 1,000 that were skipped and the first 10,000 of the rest',
    request: {
      params: id,
      query: z.object({
        after: z.coerce.number().int().min(0).default(0),
        limit: z.coerce.number().int().min(1).max(500).default(100),
      }),
    },
    responses: {
      200: json(
        z.object({ findings: z.array(findingSchema), next_after: z.number().int().nullable() }),
        'In the order of the stream',
      ),
      404: notFound,
    },
  }),
  abort: createRoute({
    method: 'post',
    path: '/admin/replays/{id}/abort',
    request: { params: id },
    responses: { 200: json(replaySchema, 'Aborted'), 404: notFound, 409: problem('Not running') },
  }),
  resume: createRoute({
    method: 'post',
    path: '/admin/replays/{id}/resume',
    request: { params: id },
    responses: { 202: json(replaySchema, 'Resumed'), 404: notFound, 409: problem('Not resumable') },
  }),
}

/** The replays of a service, over HTTP; `stop` before its database is closed. */
export function addReplayRoutes<Tx extends Tables>(
  app: OpenAPIHono,
  options: ReplayOptions<Tx>,
): Pick<Replays, 'stop'> {
  const { prisma, nats, ownStream } = options
  const replays = openReplays(options)
  const shown = async (replayId: string) => show(await requireReplay(prisma, replayId), ownStream)

  app.openapi(routes.start, async (c) => {
    const request = c.req.valid('json')
    if (request.dry_run) c.set('changesNothing', true)
    requireNats(nats.isConnected())
    const started = await replays.start(request)
    if (started === null) throw notConsumed(options, request.stream)
    return c.json(await shown(started), 202)
  })
  app.openapi(routes.list, async (c) => {
    const found = await listReplays(prisma, c.req.valid('query').limit)
    return c.json({ replays: found.map((replay) => show(replay, ownStream)) }, 200)
  })
  app.openapi(routes.show, async (c) => c.json(await shown(c.req.valid('param').id), 200))
  app.openapi(routes.findings, async (c) => {
    const { id } = c.req.valid('param')
    const { after, limit } = c.req.valid('query')
    await requireReplay(prisma, id)
    const findings = await listFindings(prisma, { id, after, limit })
    const next = findings.length === limit ? (findings.at(-1)?.seq ?? null) : null
    return c.json({ findings, next_after: next }, 200)
  })
  app.openapi(routes.abort, async (c) => {
    const { id } = c.req.valid('param')
    const { state } = await requireReplay(prisma, id)
    if (!(await replays.abort(id))) throw new Problem(409, 'replay_not_running', `Replay ${id} is ${state}.`)
    return c.json(await shown(id), 200)
  })
  app.openapi(routes.resume, async (c) => {
    const { id } = c.req.valid('param')
    const { state, request } = await requireReplay(prisma, id)
    requireNats(nats.isConnected())
    if (request.dry_run)
      throw new Problem(409, 'dry_run_not_resumable', `Replay ${id} is a dry run: start a new one.`)
    if (!(await replays.resume(id)))
      throw new Problem(409, 'replay_not_resumable', `Replay ${id} is ${state}: nothing is left to resume.`)
    return c.json(await shown(id), 202)
  })
  return replays
}

function show(
  { nextSeq, endSeq, createdAt, updatedAt, id, state, request, total, read, counts, error }: Replay,
  ownStream: string,
): z.output<typeof replaySchema> {
  return {
    id,
    kind: request.stream === ownStream ? 'republish' : 'replay',
    state,
    request,
    next_seq: nextSeq,
    end_seq: endSeq,
    total,
    read,
    counts,
    error,
    created_at: createdAt.toISOString(),
    updated_at: updatedAt.toISOString(),
  }
}

async function requireReplay(db: Transaction, id: string): Promise<Replay> {
  const replay = await readReplay(db, id)
  if (!replay) throw new Problem(404, 'replay_not_found', `There is no replay ${id} in this service.`)
  return replay
}

function requireNats(connected: boolean): void {
  if (!connected)
    throw new Problem(503, 'nats_away', 'NATS is away: replays read its streams. Try again.', {
      retryAfterSeconds: 5,
    })
}

function notConsumed<Tx>({ ownStream, consumers }: ReplayOptions<Tx>, stream: string): Problem {
  const consumed = consumers.map((consumer) => consumer.stream).join(', ') || 'no stream'
  return new Problem(
    422,
    'stream_not_heard',
    `This service does not consume ${stream}: it consumes ${consumed} and republishes ${ownStream}.`,
  )
}
