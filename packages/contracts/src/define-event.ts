import type { z } from 'zod'

export const streams = {
  BILLING: ['payment.>', 'subscription.>'],
  ORDER: ['order.>'],
  SERVER: ['server.>'],
} as const

export type StreamName = keyof typeof streams

/** The durable consumers of each stream; an event is read once all of its stream's consumers have acknowledged it. */
export const streamConsumers: Record<StreamName, readonly string[]> = {
  BILLING: ['order-billing'],
  ORDER: ['provisioner-order', 'billing-order'],
  SERVER: ['order-server'],
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
