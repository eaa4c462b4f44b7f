import type { Context } from 'hono'

export function answer(body: object, status = 200) {
  return new Response(JSON.stringify(body, null, 2), {
    status,
    headers: { 'content-type': 'application/json' },
  })
}

/** No body at all is an empty one. */
export async function bodyOf(call: Context): Promise<unknown> {
  const text = await call.req.text()
  return text === '' ? {} : JSON.parse(text)
}

/** Events as a list people can read. */
export function summaryOf(events: readonly { id: string; type: string; created: number }[]) {
  return events.map(({ id, type, created }) => ({ id, type, at: new Date(created * 1000).toISOString() }))
}
