import http, { type ClientRequest, type IncomingMessage } from 'node:http'
import https from 'node:https'
import { pipeline, type Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { PanelError } from '../panel-types/panel-error.ts'
import { type AddressPolicy, refuseUrl } from '../rules/address-policy.ts'
import { AddressRefused, type LookupAll, lookupAllowed } from './lookup-allowed.ts'

/** A page of nests with the install scripts of all their eggs is the longest answer that there is. */
const longestAnswer = 16 * 1024 * 1024
const longestConnectMs = 10_000
/** Below the 5 s after which some servers close idle connections: a call into one that closes is in doubt. */
const idleMs = 4_000

type Answer = { status: number; headers: Headers; text: string }

type Outgoing = { method: string; headers: Record<string, string>; body: string | null; signal: AbortSignal }

export type Send = (name: string, url: string, outgoing: Outgoing) => Promise<Answer>

/**
 * Sends one call and reads its answer; connections are kept for the next ones. What did not come back whole is an error that leaves
 * open what the panel did. An address that the policy refuses is never connected to, whatever its name leads to by then. A redirect is
 * an answer: it is not followed.
 */
export function createSend({ addresses, lookup }: { addresses: AddressPolicy; lookup?: LookupAll }): Send {
  const agentOptions = (protocol: string) => ({
    keepAlive: true,
    timeout: idleMs,
    lookup: lookupAllowed({ policy: addresses, protocol, lookup }),
  })
  const plain = { request: http.request, agent: new http.Agent(agentOptions('http:')) }
  const encrypted = { request: https.request, agent: new https.Agent(agentOptions('https:')) }

  async function exchange(url: URL, { body, ...options }: Outgoing) {
    // Nothing is looked up for a URL that has an address instead of a name.
    const refused = refuseUrl(addresses, url)
    if (refused !== null) throw new AddressRefused(refused)
    const { request, agent } = url.protocol === 'https:' ? encrypted : plain
    // Of idle connections alone: the deadline is the signal's.
    const response = await respond(request(url, { ...options, agent, timeout: 0 }), body)
    return {
      status: response.statusCode ?? 0,
      headers: headersOf(response),
      text: await readText(unpack(response)),
    }
  }

  return async (name, url, outgoing) => {
    const { text, ...answer } = await exchange(new URL(url), outgoing).catch((cause) => {
      throw errorOf(name, cause, outgoing.signal)
    })
    if (text !== null) return { ...answer, text }
    const detail = 'The answer is too long: the address must be that of a Pterodactyl panel'
    throw new PanelError(name, { kind: 'not_json', status: answer.status, detail })
  }
}

function respond(request: ClientRequest, body: string | null): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const connecting = setTimeout(
      () => request.destroy(new Error(`no connection within ${longestConnectMs / 1_000} s`)),
      longestConnectMs,
    )
    request.on('error', reject)
    request.once('response', resolve)
    request.once('finish', () => clearTimeout(connecting))
    request.once('close', () => {
      clearTimeout(connecting)
      // Node emits no error when a server changes the protocol unasked; after an answer this rejects nothing.
      reject(new Error('the connection was closed without an answer'))
    })
    request.end(body ?? undefined)
  })
}

function headersOf({ headersDistinct }: IncomingMessage): Headers {
  const headers = new Headers()
  for (const [name, values = []] of Object.entries(headersDistinct))
    for (const value of values) headers.append(name, value)
  return headers
}

function unpack(response: IncomingMessage): Readable {
  if (response.headers['content-encoding'] !== 'gzip') return response
  return pipeline(response, createGunzip(), () => {})
}

/** Null when it is longer than any answer. */
async function readText(body: Readable): Promise<string | null> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of body as AsyncIterable<Uint8Array>) {
    length += part.length
    if (length > longestAnswer) return null
    parts.push(part)
  }
  return new TextDecoder().decode(Buffer.concat(parts))
}

function errorOf(name: string, cause: unknown, signal: AbortSignal): PanelError {
  if (cause instanceof AddressRefused)
    return new PanelError(name, { kind: 'not_allowed', detail: cause.message }, { cause })
  if (signal.aborted)
    return new PanelError(name, { kind: 'timeout', detail: 'The panel did not answer in time' }, { cause })
  const detail = `The panel could not be reached: ${reason(cause)}`
  return new PanelError(name, { kind: 'unreachable', detail }, { cause })
}

// Each address of a name may have failed in its own way.
function reason(error: unknown): string {
  if (error instanceof AggregateError) return [...new Set(error.errors.map(reason))].join('; ')
  return error instanceof Error && error.message !== '' ? error.message : 'the call failed'
}
