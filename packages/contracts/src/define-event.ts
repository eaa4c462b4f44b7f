import type { z } from 'zod'

export const streams = {
  BILLING: ['payment.>', 'subscription.>'],
  ORDER: ['order.>'],
  SERVER: ['server.>'],
} as const

export type StreamName = keyof typeof streams

export const services = ['billing-gateway', 'order', 'provisioner'] as const
export type ServiceName = (typeof services)[number]

/** The users of a NATS server: one for each service, and one for the person who operates them. */
export const natsUsers = [...services, 'operator'] as const
export type NatsUser = (typeof natsUsers)[number]

/** Which service fills each stream: it alone publishes there, and creates the stream. */
export const streamOwners: Record<StreamName, ServiceName> = {
  BILLING: 'billing-gateway',
  ORDER: 'order',
  SERVER: 'provisioner',
}

/** Every durable consumer there is. */
export const durables: readonly { name: string; stream: StreamName; service: ServiceName }[] = [
  { name: 'order-billing', stream: 'BILLING', service: 'order' },
  { name: 'provisioner-order', stream: 'ORDER', service: 'provisioner' },
  { name: 'billing-order', stream: 'ORDER', service: 'billing-gateway' },
  { name: 'order-server', stream: 'SERVER', service: 'order' },
]

/** The durable consumers of each stream; an event is read once all of its stream's consumers have acknowledged it. */
export const streamConsumers: Record<StreamName, readonly string[]> = {
  BILLING: consumersOf('BILLING'),
  ORDER: consumersOf('ORDER'),
  SERVER: consumersOf('SERVER'),
}

export type EventDefinition<Type extends string, Data extends z.ZodType> = {
  /** Also its subject on NATS, exactly. */
  type: Type
  stream: StreamName
  /** Raised only when older readers could no longer read it; fields may be added within a version. */
  version: number
  data: Data
}

export function defineEvent<Type extends string, Data extends z.ZodType>(
  definition: EventDefinition<Type, Data>,
): EventDefinition<Type, Data> {
  return definition
}

function consumersOf(stream: StreamName): string[] {
  return durables.filter((durable) => durable.stream === stream).map(({ name }) => name)
}
