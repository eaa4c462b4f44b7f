import { randomUUID } from 'node:crypto'
import { createServer, type Server, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { getRequestListener, RequestError } from '@hono/node-server'
import type { OpenAPIHono } from '@hono/zod-openapi'
import { getPath } from 'hono/utils/url'
import { Problem, problemBody, requestIncomplete } from './problem.ts'

export type Serving = { port: number; adminPort: number | null; stop(): Promise<void> }

/** `host`: all interfaces when left out; `adminPort`: where the routes of operators are, and then nowhere else. */
type Listen = { port: number; host?: string | undefined; adminPort?: number | undefined }

const limits = {
  // A client that sends byte by byte holds a connection no longer than this.
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 2_000,
  // Longer than the minute for which load balancers keep a connection, or one of them sends into a closing one.
  keepAliveTimeout: 65_000,
  // Left to the routes' side, which says it in a problem document.
  requireHostHeader: false,
}

// A closing server no longer looks after the limits above.
const defaultGraceMs = 3_000

type Changes = Partial<typeof limits> & { graceMs?: number }

/** `stop` takes no new requests and waits for those under way, unfinished ones for `graceMs`. */
export async function serveHttp(
  app: OpenAPIHono,
  { port, host, adminPort }: Listen,
  changes: Changes = {},
): Promise<Serving> {
  if (adminPort === undefined)
    return { ...(await listen(app.fetch, { port, host }, changes)), adminPort: null }
  const admin = await listen(app.fetch, { port: adminPort, host }, changes)
  const shop = await listen(withoutAdmin(app), { port, host }, changes)
  return {
    port: shop.port,
    adminPort: admin.port,
    stop: async () => void (await Promise.all([shop.stop(), admin.stop()])),
  }
}

type Fetch = OpenAPIHono['fetch']

function withoutAdmin(app: OpenAPIHono): Fetch {
  return (request, env, context) =>
    isOfOperators(getPath(request)) ? outsideRoutes(onAdminPort) : app.fetch(request, env, context)
}

// Of the path as the routes read it: `/%61dmin` is `/admin`.
function isOfOperators(path: string): boolean {
  return /^\/(admin|metrics|servers|api\/servers)(\/|$)/.test(path)
}

async function listen(
  fetch: Fetch,
  { port, host }: Listen,
  { graceMs = defaultGraceMs, ...changes }: Changes,
): Promise<Omit<Serving, 'adminPort'>> {
  const listener = getRequestListener(fetch, { errorHandler: answerOutsideRoutes })
  const server = createServer({ ...limits, ...changes }, (incoming, outgoing) => {
    outgoing.setHeader(...uncached)
    return listener(incoming, outgoing)
  })
  const unanswered = watchUnanswered(server)
  server.on('clientError', (error, socket) => refuse(socket, codeOf(error)))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, ...(host === undefined ? {} : { host }) }, () => resolve())
  })
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('The HTTP server has no address')
  return {
    port: address.port,
    stop: () =>
      new Promise((resolve) => {
        // A connection whose request is answered meanwhile would else be kept for the next one.
        const closing = setInterval(() => server.closeIdleConnections(), 20)
        const grace = setTimeout(() => unanswered.destroyOthers(), graceMs)
        server.close(() => {
          clearInterval(closing)
          clearTimeout(grace)
          resolve()
        })
      }),
  }
}

/** Of every answer: customers' names and addresses are in many, and what is in the others (plans, health) is as of now. */
const uncached = ['cache-control', 'no-store'] as const

/** Knows the connections that are owed an answer: their request is here and its answer is not yet written. */
function watchUnanswered(server: Server): { destroyOthers(): void } {
  // By connection, which stays: a map that each request enters and leaves would keep some of them long after.
  const answersOn = new Map<Socket, ServerResponse[]>()
  server.on('connection', (socket) => {
    answersOn.set(socket, [])
    socket.once('close', () => answersOn.delete(socket))
  })
  server.on('request', ({ socket }, outgoing) => {
    const answers = answersOn.get(socket)
    answers?.push(outgoing)
    outgoing.once('close', () => answers?.splice(answers.indexOf(outgoing), 1))
  })
  return {
    destroyOthers() {
      for (const [socket, answers] of answersOn) if (!answers.some(isOwed)) socket.destroy()
    },
  }
}

function isOwed({ req, writableEnded }: ServerResponse): boolean {
  return req.complete && !writableEnded
}

const unroutable = new Problem(400, 'malformed_request', 'The request line or the Host header is not valid.')
const unanswerable = new Problem(500, 'internal', 'This cannot be answered; the fault is ours.')

// Routes answer their own errors: what comes here has no URL that a route could be found for.
function answerOutsideRoutes(error: unknown): Response {
  return outsideRoutes(error instanceof RequestError ? unroutable : unanswerable)
}

const onAdminPort = new Problem(404, 'admin_port', 'This is served on ADMIN_PORT.')

function outsideRoutes(problem: Problem): Response {
  return new Response(JSON.stringify(problemBody(problem, randomUUID())), {
    status: problem.status,
    headers: { 'content-type': 'application/problem+json' },
  })
}

const malformed = new Problem(400, 'malformed_request', 'This is not HTTP/1.1.')
const refusals: Record<string, Problem> = {
  ERR_HTTP_REQUEST_TIMEOUT: new Problem(408, 'request_timeout', 'The request took too long to arrive.'),
  HPE_INVALID_EOF_STATE: requestIncomplete,
  HPE_HEADER_OVERFLOW: new Problem(431, 'headers_too_large', 'The headers are too long.'),
}

function codeOf(error: Error): string {
  return 'code' in error ? String(error.code) : ''
}

/** What Node's parser gives up on never becomes a request. */
function refuse(socket: Duplex, code: string): void {
  if (!socket.writable || code === 'ECONNRESET') return void socket.destroy()
  const problem = refusals[code] ?? malformed
  const body = JSON.stringify(problemBody(problem, randomUUID()))
  socket.end(
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\nconnection: close\r\n` +
      `content-type: application/problem+json\r\n${uncached.join(': ')}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
  // A client that does not read never ends its side; one that does has a moment to.
  setTimeout(() => socket.destroy(), 1_000).unref()
}
