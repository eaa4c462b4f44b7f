import type { MiddlewareHandler } from 'hono'
import { Problem } from './problem.ts'

const maxDiscardedBytes = 16 * 1024 * 1024

/**
 * 413 for longer bodies. What is too long is read to its end and thrown away, up to a point: a client hears an answer only
 * once it has sent everything, and one that is cut off in the middle sees a broken connection instead.
 */
export function limitBody(maxBytes: number): MiddlewareHandler {
  return async (c, next) => {
    // Nobody reads the body of these, and Node throws it away.
    if (c.req.method === 'GET' || c.req.method === 'HEAD') return next()
    const isChunked = c.req.header('transfer-encoding') !== undefined
    // Node gives no more bytes than were announced.
    if (!isChunked && Number(c.req.header('content-length') ?? 0) <= maxBytes) return next()
    const body = c.req.raw.body ? await read(c.req.raw.body, maxBytes) : Buffer.of()
    if (body === 'too long') {
      c.header('connection', 'close')
      throw new Problem(413, 'body_too_large', `The body may have ${maxBytes} bytes at most.`)
    }
    c.req.raw = new Request(c.req.raw, { body })
    return next()
  }
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
