import { randomBytes } from 'node:crypto'
import { currentApiVersion } from '../api-version.ts'
import { newId } from '../ids.ts'

export type Endpoint = {
  id: string
  /** Unix seconds. */
  created: number
  url: string
  secret: string
  /** The shape of what is sent here: fixed when the endpoint is made, whatever the receiver's SDK speaks. */
  apiVersion: string
  /** The types it asked for; `*` is all of them. */
  events: readonly string[]
  payload: 'snapshot' | 'thin'
  /** Nothing is sent to a disabled one, and what happened meanwhile is not sent later either. */
  status: 'enabled' | 'disabled'
}

export type EndpointOptions = {
  [K in 'secret' | 'apiVersion' | 'events' | 'payload']?: Endpoint[K] | undefined
}

export type Endpoints = ReturnType<typeof createEndpoints>

export function createEndpoints({ seconds }: { seconds: () => number }) {
  const endpoints = new Map<string, Endpoint>()

  return {
    add(url: string, options: EndpointOptions = {}): Endpoint {
      const endpoint: Endpoint = {
        id: newId('we'),
        created: seconds(),
        url,
        secret: options.secret ?? newWebhookSecret(),
        apiVersion: options.apiVersion ?? currentApiVersion,
        events: options.events ?? ['*'],
        payload: options.payload ?? 'snapshot',
        status: 'enabled',
      }
      endpoints.set(endpoint.id, endpoint)
      return endpoint
    },
    remove: (id: string) => endpoints.delete(id),
    get: (id: string) => endpoints.get(id),
    change(id: string, changes: Partial<Pick<Endpoint, 'events' | 'status' | 'url'>>) {
      const endpoint = endpoints.get(id)
      if (endpoint) endpoints.set(id, { ...endpoint, ...changes })
      return endpoints.get(id)
    },
    isEnabled: (id: string) => endpoints.get(id)?.status === 'enabled',
    all: () => [...endpoints.values()],
    enabled: () => [...endpoints.values()].filter(({ status }) => status === 'enabled'),
    listeningTo: (type: string) =>
      [...endpoints.values()].filter(
        ({ events, status }) => status === 'enabled' && (events.includes('*') || events.includes(type)),
      ),
  }
}

export function newWebhookSecret() {
  return `whsec_${randomBytes(16).toString('hex')}`
}
