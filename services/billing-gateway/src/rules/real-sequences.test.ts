import { charge, invoicePayment, refund, type SnapshotEvent } from '@spawnpoint/stripe-simulator'
import type Stripe from 'stripe'
import { describe, expect, test } from 'vitest'
import { inMemoryBilling } from '../../test/in-memory-billing.ts'
import { day, isoOf, permutationsOf, start, subscriptionStory } from '../../test/stripe-story.ts'

// Sequences that real accounts have produced, beyond the plain story of a subscription.

type Line = Stripe.InvoiceLineItem

function renewed() {
  const story = subscriptionStory()
  const inMemory = inMemoryBilling()
  inMemory.receiveAll(story.six)
  return { story, inMemory }
}

describe('Any order', () => {
  const states = (events: SnapshotEvent[], before: SnapshotEvent[]) =>
    permutationsOf(events).map((order) => {
      const inMemory = inMemoryBilling()
      inMemory.receiveAll(before)
      inMemory.receiveAll(order)
      return inMemory
    })

  test('an invoice that is sent, and then partly paid: one state, whichever arrives first', () => {
    const { story } = renewed()
    const open = { status: 'open', amount_paid: 0, collection_method: 'send_invoice' } as const
    const sent = story.renewal(1, { ...open, attempt_count: 0, due_date: start + 40 * day })
    const partly = { ...sent, amount_paid: 500, amount_remaining: sent.total - 500, attempt_count: 1 }
    const events = [
      story.emit('invoice.finalized', sent, start + 30 * day),
      story.emit('invoice.updated', partly, start + 33 * day),
    ]
    const all = states(events, story.six).map((each) => {
      const { version: _, ...payment } = each.payment(sent.id) ?? { version: 0 }
      return payment
    })
    for (const each of all) expect(each).toEqual(all[0])
  })

  test('a trial that is extended before or after its first payment arrives: one end', () => {
    const story = subscriptionStory()
    const trialing = { ...story.sub, status: 'trialing' as const, trial_end: start + 7 * day }
    const free = { ...story.session, amount_total: 0, payment_status: 'no_payment_required' as const }
    const created = story.emit('customer.subscription.created', trialing)
    const events = [
      story.emit('checkout.session.completed', free),
      story.emit('customer.subscription.updated', { ...trialing, trial_end: start + 21 * day }, start + day),
    ]
    const all = states(events, [created]).map((each) => each.payment(story.subId)?.trial_end)
    expect(new Set(all).size).toBe(1)
  })

  test('the address of the customer changes between two tries of one invoice', () => {
    const { story } = renewed()
    const one = story.renewal(1, { status: 'open', attempt_count: 1, customer_email: 'old@example.com' })
    const events = [
      story.emit('invoice.payment_failed', one, start + 30 * day),
      story.emit(
        'invoice.voided',
        { ...one, status: 'void', customer_email: 'new@example.com' },
        start + 31 * day,
      ),
      story.emit(
        'invoice.payment_action_required',
        { ...one, customer_email: 'mid@example.com' },
        start + 30 * day + 5,
      ),
    ]
    const all = states(events, story.six).map((each) => {
      const { version: _, ...payment } = each.payment(one.id) ?? { version: 0 }
      return payment
    })
    for (const each of all) expect(each).toEqual(all[0])
  })
})

describe('A period', () => {
  test('of an add-on by the year, added in mid-month, is not that of the plan', () => {
    const { story, inMemory } = renewed()
    const [own] = story.bill.lines.data
    const until = inMemory.subscription(story.subId)?.paid_until
    const addOn = {
      ...own,
      amount: 1_200,
      period: { start: start + 10 * day, end: start + 375 * day },
      parent: {
        ...own?.parent,
        subscription_item_details: {
          ...own?.parent?.subscription_item_details,
          subscription_item: 'si_addon',
          proration: false,
        },
      },
    } as Line
    const items = {
      ...story.sub.items,
      data: [
        ...story.sub.items.data.map((item) => ({
          ...item,
          price: { ...item.price, metadata: { plan: 'small' } },
        })),
        ...story.sub.items.data.map((item) => ({
          ...item,
          id: 'si_addon',
          current_period_end: start + 375 * day,
        })),
      ],
    }
    inMemory.receive(story.emit('customer.subscription.updated', { ...story.sub, items }, start + 10 * day))
    const change = story.renewal(1, {
      ...{ billing_reason: 'subscription_update', created: start + 10 * day, total: 1_200 },
      lines: { ...story.bill.lines, data: [addOn] },
    })
    inMemory.receive(story.emit('invoice.paid', change, start + 10 * day))
    expect(inMemory.subscription(story.subId)?.paid_until).toBe(until)
    expect(inMemory.subscription(story.subId)?.paid_until).not.toBe(isoOf(start + 375 * day))
  })
})

describe('An invoice that was given up', () => {
  const givenUp = 'Stripe gave the invoice up as uncollectible.'

  test.each([null, start + 50 * day])(
    'stays that when somebody fails to pay it later, next try at %s',
    (next) => {
      const { story } = renewed()
      const open = story.renewal(1, { status: 'open', attempt_count: 4 })
      const failing = (attempt_count: number, next_payment_attempt: number | null) =>
        ({ ...open, attempt_count, next_payment_attempt }) as Stripe.Invoice
      const events = [
        story.emit('invoice.payment_failed', failing(4, null), start + 40 * day),
        story.emit('invoice.marked_uncollectible', { ...open, status: 'uncollectible' }, start + 40 * day),
        story.emit('invoice.payment_failed', failing(5, next), start + 42 * day),
      ]
      for (const order of permutationsOf(events)) {
        const inMemory = inMemoryBilling()
        inMemory.receiveAll([...story.six, ...order])
        expect(inMemory.payment(open.id)).toMatchObject({ status: 'failed', failure: givenUp, attempts: 4 })
        expect(inMemory.subscription(story.subId)).toMatchObject({ uncollectible: true })
      }
    },
  )

  test('is known by a later attempt alone', () => {
    const { story, inMemory } = renewed()
    const failed = story.renewal(1, { status: 'uncollectible', attempt_count: 5 })
    inMemory.receive(story.emit('invoice.payment_failed', failed, start + 42 * day))
    expect(inMemory.payment(failed.id)).toMatchObject({ failure: givenUp, attempts: 5 })
  })

  test('is paid by a payment, and withdrawn once it is voided', () => {
    const { story, inMemory } = renewed()
    const open = story.renewal(1, { status: 'uncollectible', attempt_count: 4 })
    inMemory.receive(story.emit('invoice.marked_uncollectible', open, start + 40 * day))
    inMemory.receive(story.emit('invoice.voided', { ...open, status: 'void' }, start + 41 * day))
    expect(inMemory.subscription(story.subId)).toMatchObject({ uncollectible: false })
    inMemory.receive(story.emit('invoice.paid', { ...open, status: 'paid' }, start + 42 * day))
    expect(inMemory.payment(open.id)).toMatchObject({ status: 'succeeded', failure: null })
  })
})

describe('A bank debit under way', () => {
  test('counts beside an earlier payment that was cancelled', () => {
    const { story, inMemory } = renewed()
    const paying = (id: string, status: string, intent: string) => ({
      ...invoicePayment(story.bill, id),
      status,
      payment: { type: 'payment_intent', payment_intent: { id, object: 'payment_intent', status: intent } },
    })
    const open = story.renewal(1, { status: 'open', attempt_count: 2 })
    const seen = {
      ...open,
      payments: {
        ...{ object: 'list', has_more: false, url: '' },
        data: [paying('pi_card', 'canceled', 'canceled'), paying('pi_debit', 'open', 'processing')],
      },
    } as unknown as Stripe.Invoice
    inMemory.receive(story.emit('invoice.payment_action_required', seen, start + 31 * day), {
      wasLooked: true,
      lookedAt: new Date((start + 31 * day) * 1000),
    })
    expect(inMemory.payment(open.id)).toMatchObject({ status: 'pending', processing: true })
  })
})

describe('An invoice that several PaymentIntents paid', () => {
  const paidByTwo = () => {
    const { story, inMemory } = renewed()
    const bill = story.renewal(1)
    const parts = ['pi_a', 'pi_b'].map((id) =>
      story.emit('invoice_payment.paid', invoicePayment(bill, id), bill.created),
    )
    return { story, inMemory, bill, parts, paid: story.emit('invoice.paid', bill, bill.created) }
  }
  const back = (story: ReturnType<typeof subscriptionStory>, intent: string, amount: number) =>
    story.emit(
      'refund.updated',
      refund({ id: `re_${intent}`, amount, currency: 'eur', payment_intent: intent, charge: `ch_${intent}` }),
      start + 32 * day,
    )

  test.each(['pi_a', 'pi_b'])(
    'is refunded by %s too, once, in whatever order the events arrive',
    (intent) => {
      const { story, bill, parts, paid } = paidByTwo()
      const refunded = back(story, intent, 400)
      for (const events of permutationsOf([paid, ...parts, refunded])) {
        const inMemory = inMemoryBilling()
        inMemory.receiveAll(story.six)
        inMemory.receiveAll([...events, refunded], { wasLooked: true })
        expect(inMemory.payment(bill.id)).toMatchObject({ refunded: 400, status: 'succeeded' })
      }
    },
  )

  test('is refunded in full once both parts went back', () => {
    const { story, inMemory, bill, parts, paid } = paidByTwo()
    inMemory.receiveAll([paid, ...parts, back(story, 'pi_a', 400)])
    inMemory.receive(back(story, 'pi_b', bill.total - 400))
    expect(inMemory.payment(bill.id)).toMatchObject({ refunded: bill.total })
  })

  test('is disputed by either', () => {
    const { story, inMemory, bill, parts, paid } = paidByTwo()
    inMemory.receiveAll([paid, ...parts])
    const dispute = {
      ...{ id: 'dp_b', object: 'dispute', amount: bill.total, currency: 'eur', status: 'needs_response' },
      ...{ payment_intent: 'pi_b', charge: 'ch_b' },
    } as Stripe.Dispute
    inMemory.receive(story.emit('charge.dispute.created', dispute, start + 32 * day))
    expect(inMemory.payment(bill.id)).toMatchObject({ dispute: 'open' })
  })

  test('that was read at Stripe has all that were paid, and none that was cancelled', () => {
    const { story, inMemory, bill } = paidByTwo()
    const statuses = [
      ['pi_default', 'canceled'],
      ['pi_a', 'paid'],
      ['pi_b', 'paid'],
    ] as const
    const data = statuses.map(([id, status]) => ({ ...invoicePayment(bill, id), status }))
    const read = { ...bill, payments: { object: 'list' as const, has_more: false, url: '', data } }
    inMemory.receive(story.emit('invoice.paid', read, bill.created))
    expect(inMemory.receive(back(story, 'pi_b', 400))).toMatchObject({ outcome: 'done' })
    expect(inMemory.receive(back(story, 'pi_default', 400))).toMatchObject({ outcome: 'look' })
  })

  test('has its payments read on where Stripe truncates their list', () => {
    const { story, inMemory, bill } = paidByTwo()
    const data = [invoicePayment(bill, 'pi_a')]
    const cut = { ...bill, payments: { object: 'list' as const, has_more: true, url: '', data } }
    expect(inMemory.receive(story.emit('invoice.paid', cut, bill.created))).toEqual({
      outcome: 'look',
      target: `look:invoice:${bill.id}`,
    })
  })

  test('whose one charge names its total refunded: the other is not counted with it', () => {
    const { story, inMemory, parts, paid } = paidByTwo()
    inMemory.receiveAll([paid, ...parts, back(story, 'pi_a', 400), back(story, 'pi_b', 100)])
    const charged = charge({ id: 'ch_pi_b', payment_intent: 'pi_b', amount_refunded: 100, currency: 'eur' })
    expect(inMemory.receive(story.emit('charge.refunded', charged, start + 33 * day))).toMatchObject({
      outcome: 'ignored',
      reason: 'same_state',
    })
  })
})
