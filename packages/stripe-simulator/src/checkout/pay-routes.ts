import { type Context, Hono } from 'hono'
import type Stripe from 'stripe'
import { z } from 'zod'
import type { Account } from '../account.ts'
import { ApiError } from '../api/api-error.ts'
import type { SnapshotEvent } from '../events.ts'
import { currentSession } from './expire-session.ts'
import { payPage } from './pay-page.ts'
import { paySession } from './pay-session.ts'

const outcome = z.enum(['paid', 'async', 'declined', 'cancel'])

/** Checkout holds its redirect until the seller has answered `checkout.session.completed`, but not for longer than this. */
const redirectWithinMs = 10_000

/** `GET /pay/:id` is for people; `POST` takes a form from them, or JSON from a script and answers {session, events}. */
export function payRoutes(account: Account, delivered: (event: string) => Promise<void>) {
  return new Hono()
    .get('/:id', (call) => {
      const session = currentSession(account, call.req.param('id'))
      const lineItems = account.terms.get(session.id)?.lineItems ?? []
      return call.html(payPage({ session, lineItems, declined: call.req.query('declined') !== undefined }))
    })
    .post('/:id', async (call) => {
      const wanted = outcome.safeParse(await outcomeOf(call))
      if (!wanted.success)
        throw new ApiError(400, 'outcome is one of paid, async, declined, cancel', { param: 'outcome' })
      const { result: session, events } = account.watching(() =>
        paySession(account, call.req.param('id'), wanted.data),
      )
      if (wantsJson(call))
        return call.body(JSON.stringify({ session, events }), 200, { 'content-type': 'application/json' })
      await redirectTime(events, delivered)
      return call.redirect(nextPage(session, wanted.data), 303)
    })
    .onError((error, call) => {
      if (!(error instanceof ApiError)) throw error
      const { status, message, fields } = error
      return wantsJson(call)
        ? new Response(JSON.stringify({ error: { ...fields, message } }), {
            status,
            headers: { 'content-type': 'application/json' },
          })
        : new Response(`${message}\n`, { status, headers: { 'content-type': 'text/plain; charset=utf-8' } })
    })
}

async function outcomeOf(call: Context): Promise<unknown> {
  const body: unknown = call.req.header('content-type')?.startsWith('application/json')
    ? await call.req.json()
    : await call.req.parseBody()
  return typeof body === 'object' && body !== null && 'outcome' in body ? body.outcome : undefined
}

function wantsJson(call: Context) {
  return call.req.header('accept')?.includes('application/json') ?? false
}

async function redirectTime(events: readonly SnapshotEvent[], delivered: (event: string) => Promise<void>) {
  const completed = events.find(({ type }) => type === 'checkout.session.completed')
  if (!completed) return
  let timer: NodeJS.Timeout | undefined
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, redirectWithinMs)
  })
  await Promise.race([delivered(completed.id), patience])
  clearTimeout(timer)
}

function nextPage(session: Stripe.Checkout.Session, outcome: string) {
  const page = `/pay/${session.id}`
  if (session.status === 'complete')
    return session.success_url?.replaceAll('{CHECKOUT_SESSION_ID}', session.id) ?? page
  return outcome === 'cancel' ? (session.cancel_url ?? page) : `${page}?declined`
}
