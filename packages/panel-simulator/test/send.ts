import { type IncomingHttpHeaders, request } from 'node:http'

export type Answered = { status: number; headers: IncomingHttpHeaders; text: string; tookMs: number }

/** One call as it is written here: nothing is added to its headers, decoded or followed. */
export function send(
  url: string,
  {
    method,
    path,
    headers = {},
    body,
    giveUp,
  }: {
    method: string
    path: string
    headers?: Record<string, string> | undefined
    body?: string | undefined
    /** When it resolves, the caller hangs up. */
    giveUp?: Promise<unknown> | undefined
  },
): Promise<Answered> {
  const { hostname, port } = new URL(url)
  const started = performance.now()
  return new Promise((resolve, reject) => {
    const call = request({ hostname, port, method, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString(),
          tookMs: performance.now() - started,
        }),
      )
    })
    call.on('error', reject)
    giveUp?.then(() => call.destroy(new Error('gave up')), reject)
    call.end(body)
  })
}
