import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'

type AppRequest = (
  request: Request | string | URL,
  init?: RequestInit,
  env?: object,
) => Response | Promise<Response>

/** `fetch` for an app in this process: what a socket would cut off rejects as a cut connection does. */
export function fetchWithin(request: AppRequest) {
  return async (target: Request | string | URL, init?: RequestInit) => {
    const response = await request(target, init, {})
    if (response.headers.has(neverSent)) throw new TypeError('fetch failed')
    return response
  }
}

const [neverSent = ''] = RESPONSE_ALREADY_SENT.headers.keys()
