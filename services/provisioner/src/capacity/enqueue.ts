import type { OrderState } from '@spawnpoint/contracts'
import type { PrismaClient } from '../generated/client.ts'
import type { Wait } from '../rules/wait.ts'
import { joinLine, leaveLine } from '../store/provisioning-queue.ts'

export type Waiting =
  /** Nothing was sent; it may go well later without a word from anybody. */
  | ({ outcome: 'waiting' } & Wait)
  /** Nothing was sent, and nothing will be before a person changes something. */
  | ({ outcome: 'failed' } & Wait)

/** The server waits for its place in the line of its region, unless it has stood there for too long. */
export async function waitInLine(
  { prisma, deadlineMs }: { prisma: PrismaClient; deadlineMs: number },
  { order_id: orderId, region }: OrderState,
  wait: Wait,
): Promise<Waiting> {
  const isOverdue = await joinLine(prisma, { orderId, region, deadlineMs })
  if (!isOverdue) return { outcome: 'waiting', ...wait }
  await leaveLine(prisma, [orderId])
  const message = `${wait.message} It has waited for too long: make room or pay it back, then provision the order again.`
  return { outcome: 'failed', class: 'no_capacity_deadline', message }
}
