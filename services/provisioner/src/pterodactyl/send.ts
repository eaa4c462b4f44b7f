import { PanelError } from '../panel-types/panel-error.ts'

/** A page of nests with the install scripts of all their eggs is the longest answer that there is. */
const longestAnswer = 16 * 1024 * 1024

/** Sends one call and reads its answer. What did not come back whole is an error that leaves open what the panel did. */
export async function send(
  name: string,
  url: string,
  init: RequestInit,
): Promise<{ response: Response; text: string }> {
  const { response, text } = await fetchWhole(name, url, init)
  if (text !== null) return { response, text }
  const detail = 'The answer is too long: the address must be that of a Pterodactyl panel'
  throw new PanelError(name, { kind: 'not_json', status: response.status, detail })
}

async function fetchWhole(
  name: string,
  url: string,
  init: RequestInit,
): Promise<{ response: Response; text: string | null }> {
  try {
    const response = await fetch(url, init)
    return { response, text: await readText(response) }
  } catch (cause) {
    const timedOut = cause instanceof Error && ['TimeoutError', 'AbortError'].includes(cause.name)
    throw new PanelError(
      name,
      timedOut
        ? { kind: 'timeout', detail: 'The panel did not answer in time' }
        : { kind: 'unreachable', detail: `The panel could not be reached: ${reason(cause)}` },
      { cause },
    )
  }
}

/** Null when it is longer than any answer. */
async function readText(response: Response): Promise<string | null> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of response.body ?? []) {
    length += part.length
    if (length > longestAnswer) return null
    parts.push(part)
  }
  return new TextDecoder().decode(Buffer.concat(parts))
}

// Only what lies beneath a failed fetch: its own words may quote what was sent.
function reason(error: unknown): string {
  return error instanceof Error && error.cause instanceof Error ? error.cause.message : 'the call failed'
}
