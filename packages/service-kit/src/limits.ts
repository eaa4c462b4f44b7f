import { IncomingMessage } from 'node:http'
import type { Context, MiddlewareHandler } from 'hono'
import { Problem } from './problem.ts'

type Lane = { inFlight: number; atMost: number }

const fewest = 8

/**
 * 503 at once when so many requests of a kind (`POST /orders`) are being answered. Without a bound, what queued up during an
 * outage is served after its callers have gone, times out, comes again, and keeps the service down once the outage is over.
 * The bound finds itself: it shrinks with each answer 503, and grows again with those that went well.
 */
export function limitInFlight(atMost: number, exempt: string[]): MiddlewareHandler {
  const lanes = new Map<string, Lane>()
  return async (c, next) => {
    if (exempt.includes(c.req.path)) return next()
    const kind = `${c.req.method} /${c.req.path.split('/')[1]}`
    const lane = lanes.get(kind) ?? { inFlight: 0, atMost }
    if (lane.inFlight >= lane.atMost)
      throw new Problem(503, 'busy', `${lane.inFlight} requests like it are being answered: send it again.`, {
        retryAfterSeconds: 1,
      })
    lanes.set(kind, lane)
    lane.inFlight += 1
    try {
      await next()
    } finally {
      lane.inFlight -= 1
      lane.atMost = adjusted(lane.atMost, c.res.status === 503, atMost)
      if (lane.inFlight === 0 && lane.atMost === atMost) lanes.delete(kind)
    }
  }
}

// Down by a tenth for each, so that a few dozen are enough; up by one for each full round.
function adjusted(current: number, isOverloaded: boolean, most: number): number {
  return isOverloaded
    ? Math.max(Math.min(fewest, most), current * 0.9)
    : Math.min(most, current + 1 / current)
}

const maxDiscardedBytes = 16 * 1024 * 1024

// `cutOff` is null once it has arrived: a set's former tables keep what was in it until a full collection, and by way of this
// whole requests would stay there with it.
type Body = { bytes: number; cutOff: (() => void) | null }

/**
 * Reads the whole body before anything else is done: 413 for longer ones, and no more than `maxBytesInAll` of all requests
 * together until they are answered. When there is no room, bodies that are still arriving give way, the oldest first: a
 * client that never ends its request cannot keep out one that does. 503 when there is none of those either.
 */
export function readBody({
  maxBytes,
  maxBytesInAll,
}: {
  maxBytes: number
  maxBytesInAll: number
}): MiddlewareHandler {
  const bodies = new Set<Body>()
  let bytesInAll = 0

  function enter(body: Body) {
    for (const other of bodies) {
      if (bytesInAll + body.bytes <= maxBytesInAll) break
      if (!other.cutOff) continue
      leave(other)
      other.cutOff()
    }
    if (bytesInAll + body.bytes > maxBytesInAll) throw noRoom
    bodies.add(body)
    bytesInAll += body.bytes
  }

  function leave(body: Body) {
    if (bodies.delete(body)) bytesInAll -= body.bytes
  }

  return async (c, next) => {
    // Nobody reads the body of these, and Node throws it away.
    if (c.req.method === 'GET' || c.req.method === 'HEAD') return next()
    const announced = announcedBytes(c)
    const body: Body = { bytes: Math.min(announced, maxBytes), cutOff: () => cutOff(c) }
    enter(body)
    try {
      // Node gives no more bytes than were announced. Hono keeps what it read for the routes.
      if (announced <= maxBytes) await c.req.arrayBuffer()
      else await readAtMost(c, maxBytes)
      body.cutOff = null
      await next()
    } finally {
      leave(body)
    }
  }
}

const noRoom = new Problem(503, 'busy', 'Too much is being answered just now: send this again.', {
  retryAfterSeconds: 1,
})

function announcedBytes(c: Context): number {
  const isChunked = c.req.header('transfer-encoding') !== undefined
  return isChunked ? Number.POSITIVE_INFINITY : Number(c.req.header('content-length') ?? 0)
}

function cutOff(c: Context): void {
  incomingOf(c)?.destroy(new Error('Gave way to other requests'))
}

/**
 * What is too long is read to its end and thrown away, up to a point: a client hears an answer only once it has sent
 * everything, and one that is cut off in the middle sees a broken connection instead.
 */
async function readAtMost(c: Context, maxBytes: number): Promise<void> {
  const body = c.req.raw.body ? await read(c.req.raw.body, maxBytes) : Buffer.of()
  if (body === 'too long') {
    c.header('connection', 'close')
    throw new Problem(413, 'body_too_large', `The body may have ${maxBytes} bytes at most.`)
  }
  c.req.raw = new Request(c.req.raw, { body })
}

async function read(
  stream: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer> | 'too long'> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of stream) {
    bytes += chunk.length
    if (bytes <= maxBytes) chunks.push(chunk)
    else if (bytes > maxBytes + maxDiscardedBytes) break
  }
  return bytes <= maxBytes ? Buffer.concat(chunks) : 'too long'
}

/** The request as Node has it; null where the app was called without a server. */
export function incomingOf({ env }: Context): IncomingMessage | null {
  const incoming = env && 'incoming' in env ? env.incoming : null
  return incoming instanceof IncomingMessage ? incoming : null
}
