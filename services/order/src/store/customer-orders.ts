import { forgottenCustomer } from '@spawnpoint/contracts'
import { isAmong, type PersonalRows } from '@spawnpoint/operations'
import type { PrismaClient, Order as Row } from '../generated/client.ts'
import { emailForms } from '../rules/order/email-forms.ts'

/** A payment of the last moment is known later. */
const afterEndMs = 30 * 60_000

/** The orders of a customer: of this address where there is an `@`, else of the shop's own id. */
export async function findCustomerOrders(prisma: PrismaClient, customer: string): Promise<Row[]> {
  if (!customer.includes('@')) {
    const rows = await prisma.order.findMany({ where: { customerId: customer }, orderBy: { seq: 'asc' } })
    // The column compares without case and accents.
    return rows.filter(({ customerId }) => customerId === customer)
  }
  const forms = emailForms(customer)
  if (forms.includes(forgottenCustomer.email)) return []
  const rows = await prisma.order.findMany({
    where: { customerEmail: { in: forms } },
    orderBy: { seq: 'asc' },
  })
  return rows.filter(({ customerEmail }) => emailForms(customerEmail).some((form) => forms.includes(form)))
}

export async function readCustomerOrders(prisma: PrismaClient, ids: string[]): Promise<Row[]> {
  return await prisma.order.findMany({ where: { id: { in: ids } }, orderBy: { seq: 'asc' } })
}

/** Until when the checkout of an order may bring a payment; one whose page was never made is given up by then. */
export function payableUntil({ checkoutExpiresAt, createdAt }: Row): Date {
  return new Date((checkoutExpiresAt ?? createdAt).getTime() + afterEndMs)
}

/** All that is stored about orders in other tables. */
export async function readCustomerRecords(prisma: PrismaClient, orderIds: string[]) {
  const where = { orderId: { in: orderIds } }
  const [order_history, difference] = await Promise.all([
    prisma.orderHistory.findMany({ where, omit: { id: true }, orderBy: { id: 'asc' } }),
    prisma.discrepancy.findMany({ where, orderBy: { foundAt: 'asc' } }),
  ])
  return { order_history, difference }
}

/** Texts about orders in which a customer may be named. */
export function customerTexts(orderIds: string[], erase: (text: string) => string): PersonalRows[] {
  const where = isAmong('order_id', orderIds)
  return [
    { table: 'order_history', id: 'id', where, columns: { note: erase } },
    { table: 'difference', id: 'id', where, columns: { finding: erase, repair: erase, confirmation: erase } },
  ]
}

/** What the shop asked for, and the page of its buyer: with neither, a repeat of the request is refused. */
export async function removeRequests(prisma: PrismaClient, ids: string[]): Promise<void> {
  await prisma.order.updateMany({
    where: { id: { in: ids } },
    data: { requestHash: null, checkoutUrl: null },
  })
}
