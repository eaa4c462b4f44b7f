import type { Transaction } from '@spawnpoint/database'

/** What operations need of a service's Prisma client or transaction: the models that every service has. */
export type Tables = Transaction & {
  deadLetter: {
    findUnique(args: { where: { eventId: string } }): PromiseLike<DeadLetter | null>
    findMany(args: {
      where: DeadLetterWhere
      orderBy: ({ createdAt: 'asc' } | { eventId: 'asc' })[]
      take: number
    }): PromiseLike<DeadLetter[]>
    count(args: { where: DeadLetterWhere }): PromiseLike<number>
    updateMany(args: {
      where: DeadLetterWhere
      data: Partial<Pick<DeadLetter, 'lastError' | 'resolvedAt' | 'resolvedBy' | 'note'>> & {
        attempts?: { increment: number }
      }
    }): PromiseLike<{ count: number }>
  }
  inbox: {
    updateMany(args: {
      where: { eventId: In<string>; outcome: In<string> }
      data: { outcome: null; reason: null }
    }): PromiseLike<{ count: number }>
  }
  parkedEvent: {
    deleteMany(args: { where: { eventId: In<string> } }): PromiseLike<{ count: number }>
  }
  outbox: {
    findFirst(args: { orderBy: { seq: 'desc' }; select: { seq: true } }): PromiseLike<{ seq: bigint } | null>
    findMany(args: { where: OutboxWhere; orderBy: { seq: 'asc' }; take?: number }): PromiseLike<Outbox[]>
    count(args: { where: OutboxWhere }): PromiseLike<number>
  }
  replay: {
    findFirst(args: { where: { id: string; state: string } }): PromiseLike<{ owner: string | null } | null>
    updateMany(args: {
      where: { id: string; owner: string; state: string }
      data: { state: string; owner: null; error?: string | null; updatedAt: Date }
    }): PromiseLike<{ count: number }>
  }
  replayFinding: {
    findMany(args: {
      where: { replayId: string; seq: { gt: number } }
      orderBy: { seq: 'asc' }
      take: number
    }): PromiseLike<ReplayFinding[]>
  }
}

type In<Value> = { in: Value[] }

export type DeadLetter = {
  eventId: string
  consumer: string
  class: string
  firstError: string
  lastError: string
  subject: string
  envelope: string
  createdAt: Date
  attempts: number
  resolvedAt: Date | null
  resolvedBy: string | null
  note: string | null
}

export type DeadLetterWhere = {
  eventId?: string | In<string> | { gt: string }
  class?: string
  consumer?: string
  subject?: string
  createdAt?: Date | { gt?: Date; gte?: Date; lt?: Date }
  resolvedAt?: null | { not: null }
  OR?: DeadLetterWhere[]
}

export type Outbox = {
  seq: bigint
  eventId: string
  subject: string
  envelope: string
  createdAt: Date
  streamSeq: bigint | null
  streamEpoch: string | null
}

export type OutboxWhere = {
  eventId?: In<string>
  key?: string
  subject?: string
  seq?: { gt?: bigint | number; gte?: number; lte?: number }
  streamSeq?: { gte?: number; lte?: number }
  publishedAt?: { not: null }
}

type ReplayFinding = {
  seq: bigint
  eventId: string
  type: string
  orderId: string
  outcome: string
  reason: string | null
  effect: string | null
}
