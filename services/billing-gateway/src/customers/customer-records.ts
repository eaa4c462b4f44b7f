import { forgottenCustomer, type Payment, type Subscription, subscriptionSchema } from '@spawnpoint/contracts'
import { inTransaction } from '@spawnpoint/database'
import {
  type Blocker,
  type CustomerRecords,
  eraseFromJson,
  eraseFromText,
  eraseOwnField,
  eraseTables,
  keysOf,
  type Subject,
} from '@spawnpoint/operations'
import type { PrismaClient } from '../generated/client.ts'
import type { StoredPayment } from '../rules/stored-payment.ts'
import {
  customerRows,
  eraseEvents,
  mentioningEvents,
  readCustomerBilling,
  readCustomerMoney,
} from '../store/customer-billing.ts'
import { readPayment } from '../store/payments.ts'
import { eraseStripeField } from '../stripe/erase-person.ts'

/** How many stored Stripe events one request reads: a part of a second. */
const eventsAtOnce = 2_000

/** What this service has stored about a customer: their payments, and Stripe's events about them. */
export function customerRecords({ prisma }: { prisma: PrismaClient }): CustomerRecords {
  return {
    keys: async (subject) => {
      const { payments, subscriptions } = await readBilling(prisma, subject)
      return [
        ...new Set([...keysOf(subject), ...payments.map(({ payment_id }) => payment_id)]),
        ...subscriptions.map(({ subscription_id }) => subscription_id),
      ]
    },
    async blockers(subject) {
      const { payments, subscriptions } = await readBilling(prisma, subject)
      const { refund_requests } = await readCustomerMoney(prisma, {
        orderIds: subject.order_ids,
        chargedBy: [],
      })
      const open = await mentioningEvents(prisma, await namesOf(prisma, subject), {
        ...{ after: 0n, size: eventsAtOnce, onlyOpen: true },
      })
      return [
        ...subscriptions.flatMap((subscription) => ofSubscription(subscription) ?? []),
        ...payments.flatMap((payment) => ofPayment(payment) ?? []),
        ...refund_requests.flatMap(({ id, status }) => ofRefund(id, status) ?? []),
        ...open.found.map(({ event_id }) => ofEvent(event_id)),
      ]
    },
    async read(subject) {
      const { payments, subscriptions } = await readBilling(prisma, subject)
      const money = await readCustomerMoney(prisma, {
        orderIds: subject.order_ids,
        chargedBy: payments.flatMap(({ charged_by }) => charged_by),
      })
      return { payments, subscriptions, ...money, stripe_events: await readEvents(prisma, subject) }
    },
    async erase(subject, { dryRun, cursor }) {
      const { order_ids: orderIds, persons } = subject
      const names = await namesOf(prisma, subject)
      const page = await mentioningEvents(prisma, names, { after: BigInt(cursor ?? 0), size: eventsAtOnce })
      const stripe_event = await inTransaction(prisma, (tx) =>
        eraseEvents(
          tx,
          page.found.map(({ seq }) => seq),
          {
            erase: (body) => eraseFromJson(body, persons, eraseStripeField),
            text: (error) => eraseFromText(error, persons),
            dryRun,
          },
        ),
      )
      if (page.last !== null) return { erased: { stripe_event }, next: String(page.last) }
      // Last: by their payments a run that was killed finds the events again.
      const { payments } = await readBilling(prisma, subject)
      const rows = customerRows(
        { orderIds, paymentIds: payments.map(({ payment_id }) => payment_id) },
        {
          json: (state) => forgottenPayment(eraseFromJson(state, persons, eraseOwnField)),
          text: (text) => eraseFromText(text, persons),
        },
      )
      return { erased: { stripe_event, ...(await eraseTables(prisma, rows, dryRun)) }, next: null }
    },
    async remains(subject) {
      const { payments } = await readBilling(prisma, subject)
      if (payments.length === 0) return []
      const customers = [...new Set(payments.flatMap(({ stripe_customer_id }) => stripe_customer_id ?? []))]
      const named = customers.length === 0 ? '' : ` of ${customers.join(', ')}`
      return [
        `${payments.length} payments stay with amounts, dates and Stripe's ids: tax law asks for them for years.`,
        `Stripe keeps its own records${named}: erase them there with a redaction job (docs.stripe.com/privacy/redaction) as soon as the law lets you.`,
      ]
    },
  }
}

// Also where Stripe has told no address yet: it is what keeps the customer forgotten.
function forgottenPayment(state: string): string {
  const payment = JSON.parse(state) as StoredPayment
  return JSON.stringify({ ...payment, customer_email: forgottenCustomer.email })
}

async function readBilling(
  prisma: PrismaClient,
  subject: Subject,
): Promise<{ payments: StoredPayment[]; subscriptions: Subscription[] }> {
  const { payments, subscriptions } = await readCustomerBilling(prisma, subject)
  return {
    payments: payments.map(readPayment),
    subscriptions: subscriptions.map(({ state }) => subscriptionSchema.parse(JSON.parse(state))),
  }
}

/** By which Stripe's events name them. */
async function namesOf(prisma: PrismaClient, subject: Subject): Promise<string[]> {
  const { payments, subscriptions } = await readBilling(prisma, subject)
  return [
    ...new Set([
      ...keysOf(subject),
      ...subject.persons.map(({ email }) => email),
      ...payments.flatMap(({ payment_id, charged_by, invoice_id, checkout_session_id, ...payment }) => [
        ...[payment_id, ...charged_by],
        ...[invoice_id, checkout_session_id, payment.stripe_customer_id].filter((id) => id !== null),
      ]),
      ...subscriptions.map(({ subscription_id }) => subscription_id),
    ]),
  ]
}

async function readEvents(prisma: PrismaClient, subject: Subject): Promise<unknown[]> {
  const names = await namesOf(prisma, subject)
  const events: unknown[] = []
  for (let after: bigint | null = 0n; after !== null; ) {
    const page = await mentioningEvents(prisma, names, { after, size: eventsAtOnce })
    events.push(...page.found.map(({ body }) => JSON.parse(Buffer.from(body).toString()) as unknown))
    after = page.last
  }
  return events
}

function ofSubscription({ subscription_id, status }: Subscription): Blocker | null {
  if (status === 'canceled' || status === 'incomplete_expired') return null
  return {
    record: `Subscription ${subscription_id}`,
    why: `it is ${status} at Stripe, and may charge the customer`,
    next: 'Cancel it at Stripe, or end its order; where that has ended, it is cancelled within a minute: run this again.',
  }
}

function ofPayment({ payment_id, status, processing, dispute }: Payment): Blocker | null {
  if (dispute === 'open' || dispute === 'inquiry')
    return {
      record: `Payment ${payment_id}`,
      why: 'its bank disputes it, and the answer may need to name the customer',
      next: 'Wait until the dispute is closed at Stripe.',
    }
  if (status !== 'pending' || !processing) return null
  return {
    record: `Payment ${payment_id}`,
    why: 'its bank debit is under way',
    next: 'Wait until it is paid or has failed.',
  }
}

function ofRefund(id: string, status: string): Blocker | null {
  if (status === 'done' || status === 'refused') return null
  return {
    record: `Refund ${id}`,
    why: `it is ${status}: money may have to go back to the customer`,
    next: 'Decide it: npx spawnpoint refunds approve or refuse.',
  }
}

function ofEvent(eventId: string): Blocker {
  return {
    record: `Stripe event ${eventId}`,
    why: 'it is stored and not processed yet',
    next: 'GET /admin/stripe-events?outcome=failed says why; POST /admin/stripe-events/:event_id/retry tries again.',
  }
}
