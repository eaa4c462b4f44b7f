import { forgottenCustomer } from '@spawnpoint/contracts'
import {
  type CustomerRecords,
  eraseFromJson,
  eraseFromText,
  eraseOwnField,
  eraseTables,
  keysOf,
  type Subject,
} from '@spawnpoint/operations'
import { type CommandContext, changeOrder } from '../commands/change-order.ts'
import type { Order as Row } from '../generated/client.ts'
import { emailForms } from '../rules/order/email-forms.ts'
import { forgetOrder, whyNotForgettable } from '../rules/order/forget-order.ts'
import {
  customerTexts,
  findCustomerOrders,
  payableUntil,
  readCustomerOrders,
  readCustomerRecords,
  removeRequests,
} from '../store/customer-orders.ts'
import { fromRow } from '../store/order-row.ts'

/** Whose orders these are, for all services. */
export async function findSubject({ prisma }: CommandContext, customer: string): Promise<Subject> {
  const orders = (await findCustomerOrders(prisma, customer)).map(fromRow)
  return {
    order_ids: orders.map(({ id }) => id),
    payment_ids: unique(
      orders.flatMap(({ money, payment_id, checkout_session_id }) => [
        payment_id,
        checkout_session_id,
        ...money.payments.map((payment) => payment.payment_id),
      ]),
    ),
    subscription_ids: unique(
      orders.flatMap(({ subscription_id, money }) => [subscription_id, money.subscription?.subscription_id]),
    ),
    persons: [
      ...new Map(
        orders.flatMap(({ customer: { id, email, name } }) =>
          [email, ...emailForms(email)].map((form) => {
            const person = { id, email: form, name }
            return [JSON.stringify(person), person] as const
          }),
        ),
      ).values(),
    ],
  }
}

/** What this service has stored about a customer. Its orders are erased last: a run that was killed finds them again. */
export function customerRecords(context: CommandContext): CustomerRecords {
  const { prisma } = context
  return {
    keys: async (subject) => keysOf(subject),
    async blockers({ order_ids }) {
      const now = new Date()
      return (await readCustomerOrders(prisma, order_ids)).flatMap((row) => {
        const reason = whyNotForgettable({ ...fromRow(row), payableUntil: payableUntil(row) }, now)
        return reason === null ? [] : [{ record: `Order ${row.id}`, ...reason }]
      })
    },
    async read({ order_ids }) {
      const orders = (await readCustomerOrders(prisma, order_ids)).map(exported)
      return { orders, ...(await readCustomerRecords(prisma, order_ids)) }
    },
    async erase({ order_ids, persons }, { dryRun, by }) {
      const texts = customerTexts(order_ids, (text) => eraseFromText(text, persons))
      const erased = await eraseTables(prisma, texts, dryRun)
      const named = (await readCustomerOrders(prisma, order_ids)).filter(
        ({ customerEmail }) => customerEmail !== forgottenCustomer.email,
      )
      if (!dryRun) {
        await removeRequests(prisma, order_ids)
        for (const { id } of named)
          await changeOrder(context, { id, by, what: 'forget' }, (order) =>
            forgetOrder(order, (json) => eraseFromJson(json, persons, eraseOwnField)),
          )
      }
      return { erased: { ...erased, orders: named.length }, next: null }
    },
    remains: async ({ order_ids }) =>
      order_ids.length === 0
        ? []
        : [
            `${order_ids.length} orders stay without their customer: plan, price, dates, Stripe's ids and the server's number. Tax law asks for what was sold and paid.`,
          ],
  }
}

function exported({ seq: _, requestHash: __, ...row }: Row): object {
  const { environment, charge, money, warning, refundRequest, delivery } = row
  const parsed = Object.fromEntries(
    Object.entries({ environment, charge, money, warning, refundRequest, delivery }).map(([name, json]) => [
      name,
      json === null ? null : (JSON.parse(json) as unknown),
    ]),
  )
  return { ...row, amount: Number(row.amount), ...parsed }
}

function unique(ids: (string | null | undefined)[]): string[] {
  return [...new Set(ids.filter((id) => typeof id === 'string'))]
}
