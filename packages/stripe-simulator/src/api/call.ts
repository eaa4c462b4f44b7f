import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import type { z } from 'zod'
import type { Cause } from '../account.ts'
import { asOfApiVersion, currentApiVersion } from '../api-version.ts'
import type { ApiFaultEffect } from '../faults.ts'
import { ApiError } from './api-error.ts'
import { parseForm } from './form.ts'
import { readParams } from './params.ts'

export type Env = {
  /** Nothing in it when the API is called within the process. */
  Bindings: Partial<HttpBindings>
  Variables: { requestId: string; fault: ApiFaultEffect | undefined }
}
export type Call = Context<Env>

/** The parameters of a call: the form of a POST, the query of anything else. */
export async function paramsOf<S extends z.ZodType>(call: Call, schema: S): Promise<z.infer<S>> {
  const encoded = call.req.method === 'POST' ? await call.req.text() : new URL(call.req.url).search
  return readParams(schema, parseForm(encoded))
}

export function causeOf(call: Call): Cause {
  return { id: call.get('requestId'), idempotency_key: call.req.header('idempotency-key') ?? null }
}

export function idOf(call: Call) {
  return call.req.param('id') ?? ''
}

export type Listed = { object: 'list'; data: { object: string }[]; has_more: boolean; url: string }

/** Answers in the shape of the caller's `Stripe-Version`. */
export function reply(call: Call, answer: { object: string } | Listed) {
  const version = versionOf(call)
  const shaped =
    'data' in answer && Array.isArray(answer.data)
      ? { ...answer, data: answer.data.map((object) => asOfApiVersion(object, version)) }
      : asOfApiVersion(answer, version)
  return send(call, 200, shaped)
}

export function replyError(call: Call, error: Error) {
  if (!(error instanceof ApiError)) console.error(error)
  const { status, fields, message } =
    error instanceof ApiError
      ? error
      : new ApiError(500, `The simulator broke: ${error.message}`, { type: 'api_error' })
  return send(call, status, {
    error: {
      ...fields,
      ...(fields.code && {
        doc_url: `https://stripe.com/docs/error-codes/${fields.code.replaceAll('_', '-')}`,
      }),
      message,
      request_log_url: `https://dashboard.stripe.com/test/logs/${call.get('requestId')}`,
    },
  })
}

export function send(
  call: Call,
  status: number,
  body: object | string,
  headers: Record<string, string> = {},
) {
  return new Response(typeof body === 'string' ? body : JSON.stringify(body, null, 2), {
    status,
    headers: {
      'content-type': 'application/json',
      'request-id': call.get('requestId'),
      'stripe-version': versionOf(call),
      ...headers,
    },
  })
}

function versionOf(call: Call) {
  return call.req.header('stripe-version') ?? currentApiVersion
}
