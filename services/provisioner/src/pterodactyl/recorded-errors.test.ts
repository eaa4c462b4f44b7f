import { type Exchange, recordedExchanges } from '@spawnpoint/panel-simulator'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { PanelError } from '../panel-types/panel-error.ts'
import { classifyError, type ErrorClass } from './classify-error.ts'
import { readResponse } from './read-response.ts'

// Every error that a real panel was seen to answer, and what we make of it. The first line that fits is the one.
const expected: [answer: RegExp, kind: ErrorClass['kind'], name: string][] = [
  [/DaemonConnectionException/, 'recheck', 'node_unreachable'],
  [/^401 |TwoFactorAuth/, 'retry', 'panel_auth'],
  [/^403 AccessDenied/, 'retry', 'panel_auth'],
  [/^429 /, 'retry', 'panel_rate_limit'],
  [/^302 HTML/, 'retry', 'panel_redirects'],
  [/^503 HttpException/, 'recheck', 'panel_maintenance'],
  [/^5\d\d HTML/, 'recheck', 'panel_proxy'],
  [/^4\d\d HTML/, 'retry', 'panel_address'],
  [/^404 NotFound\S* \S+ \/(nothing|eggs)/, 'retry', 'panel_answer'],
  [/^404 NotFound\S* GET \/servers\/external\/a\/b/, 'retry', 'panel_answer'],
  [/^404 NotFound/, 'recheck', 'gone_on_panel'],
  [/^409 Conflict/, 'retry', 'panel_conflict'],
  [/^500 DataValidation\S* .*allocation_id/, 'recheck', 'allocation_taken'],
  [/^50\d /, 'recheck', 'panel_error'],
  [/^422 \S+ POST \/users .*:unique/, 'permanent', 'customer_taken'],
  [/^422 \S+ POST \/users /, 'permanent', 'customer_refused'],
  [/^422 .*:unique/, 'recheck', 'already_there'],
  [/^422 \S+ POST \/servers(\?\S*)? (allocation\S*:exists ?)+$/, 'recheck', 'allocation_taken'],
  [/^422 \S+ POST \/servers(\?\S*)? egg:exists $/, 'permanent', 'egg_missing'],
  [/^422 .* user:exists/, 'recheck', 'user_gone'],
  [/^422 /, 'permanent', 'panel_refused'],
  [/^400 /, 'permanent', 'panel_refused'],
]

const neverAsked: [call: RegExp, why: string][] = [
  [/ \/api\/remote\//, 'only Wings asks for it'],
  [/^(POST|DELETE) \/nodes|\/locations/, 'ports, nodes and locations are made by the administrator'],
  [/^(PATCH|DELETE) \/users/, "a customer's user is never changed or deleted"],
  [/^PUT |^GET \/nodes\/deployable|^POST \/nope/, 'no such call is made'],
]

const refused = recordedExchanges().filter(({ response }) => response && response.status >= 300)
const leftOut = refused.filter((exchange) => whyLeftOut(exchange) !== undefined)
const held = refused.filter((exchange) => !leftOut.includes(exchange))

test.each(held.map((exchange) => [exchange.name, exchange] as const))('%s', (_, exchange) => {
  const line = lineOf(exchange)
  const [, kind, name] = expected.find(([answer]) => answer.test(line)) ?? []
  expect(classifyError(errorOf(exchange)), line).toMatchObject({ kind, class: name })
})

test('every recorded error is held against the client, or left out with a reason', () => {
  console.table(leftOut.map((exchange) => ({ name: exchange.name, reason: whyLeftOut(exchange) })))
  expect(held.length + leftOut.length).toBe(refused.length)
  expect(refused).toHaveLength(263)
  expect(leftOut).toHaveLength(28)
})

function errorOf({ request, response }: Exchange): PanelError {
  const { status = 0, headers = {}, body } = response ?? {}
  const text = typeof body === 'string' ? '<!DOCTYPE html>' : JSON.stringify(body)
  try {
    const answered = { status, headers: new Headers(headers), text, target: 'https://panel.example.com' }
    readResponse(callOf(request), answered, z.unknown())
  } catch (error) {
    if (error instanceof PanelError) return error
  }
  throw new Error('It was taken for a success')
}

/** `422 ValidationException POST /servers name:required user:exists `, with what the panel says of it. */
function lineOf({ request, response }: Exchange): string {
  const errors = problems.safeParse(response?.body).data?.errors
  const fields = errors?.map(({ meta, detail }) =>
    meta?.source_field ? `${meta.source_field}:${meta.rule}` : detail,
  )
  return `${response?.status} ${errors?.[0]?.code ?? 'HTML'} ${callOf(request)} ${fields?.join(' ') ?? ''} `
}

const problems = z.object({
  errors: z.array(
    z.object({
      code: z.string(),
      detail: z.string(),
      meta: z.object({ source_field: z.string(), rule: z.string() }).partial().optional(),
    }),
  ),
})

function callOf({ method, path }: Exchange['request']): string {
  return `${method} ${decodeURIComponent(path.replace('/api/application', ''))}`
}

function whyLeftOut({ request }: Exchange): string | undefined {
  return neverAsked.find(([call]) => call.test(callOf(request)))?.[1]
}
