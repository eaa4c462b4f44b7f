import { isAmong, type PersonalRows } from '@spawnpoint/operations'
import type { PrismaClient, Server as Row } from '../generated/client.ts'

export async function readCustomerServers(prisma: PrismaClient, orderIds: string[]): Promise<Row[]> {
  return await prisma.server.findMany({ where: { orderId: { in: orderIds } }, orderBy: { createdAt: 'asc' } })
}

export async function readCustomerUsers(prisma: PrismaClient, customerKeys: string[]) {
  return await prisma.panelUser.findMany({ where: { customerKey: { in: customerKeys } } })
}

export async function readCustomerDrifts(prisma: PrismaClient, orderIds: string[]) {
  return await prisma.drift.findMany({ where: { orderId: { in: orderIds } }, orderBy: { foundAt: 'asc' } })
}

export async function removeCustomerUsers(prisma: PrismaClient, customerKeys: string[]): Promise<number> {
  return (await prisma.panelUser.deleteMany({ where: { customerKey: { in: customerKeys } } })).count
}

/** What was generated for their servers, such as passwords: of a server that is gone, nobody needs it. */
export async function removeCustomerValues(prisma: PrismaClient, orderIds: string[]): Promise<number> {
  return (await prisma.generatedValue.deleteMany({ where: { orderId: { in: orderIds } } })).count
}

export async function countCustomerValues(prisma: PrismaClient, orderIds: string[]): Promise<number> {
  return await prisma.generatedValue.count({ where: { orderId: { in: orderIds } } })
}

/** The orders as they were last known, and texts in which a customer may be named. */
export function customerRows(
  orderIds: string[],
  { json, text }: { json: (value: string) => string; text: (value: string) => string },
): PersonalRows[] {
  const where = isAmong('order_id', orderIds)
  return [
    {
      table: 'server',
      id: 'order_id',
      where,
      columns: { order_state: json, built_state: json, error_message: text },
    },
    { table: 'drift', id: 'id', where, columns: { finding: text, shown: text } },
  ]
}
