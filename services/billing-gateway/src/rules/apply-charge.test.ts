import type Stripe from 'stripe'
import { describe, expect, test } from 'vitest'
import { inMemoryBilling } from '../../test/in-memory-billing.ts'
import { saleStory, start, subscriptionStory } from '../../test/stripe-story.ts'

function sold() {
  const story = saleStory()
  const inMemory = inMemoryBilling()
  inMemory.receive(story.paid)
  return { ...story, inMemory, now: () => inMemory.payment(story.session.id) }
}

const disputed = (amount: number, status: string, id = 'dp_1', changes: Partial<Stripe.Dispute> = {}) => {
  const object = { id, object: 'dispute', amount, currency: 'eur', status, ...changes }
  return { ...object, charge: 'ch_sale', payment_intent: 'pi_sale' } as Stripe.Dispute
}

describe('A refund', () => {
  test('counts when it has succeeded, is on its way before, and is neither when it failed', () => {
    const { inMemory, refund, now } = sold()
    inMemory.receive(refund({ amount: 400, status: 'pending' }, start + 1, 'refund.created'))
    expect(now()).toMatchObject({ refunded: 0, refund_pending: 400, version: 2 })
    inMemory.receive(refund({ amount: 400, status: 'succeeded' }, start + 2))
    expect(now()).toMatchObject({ refunded: 400, refund_pending: 0, version: 3 })
    inMemory.receive(refund({ amount: 400, status: 'failed' }, start + 3, 'refund.failed'))
    expect(now()).toMatchObject({ refunded: 0, refund_pending: 0, version: 4 })
    expect(inMemory.published()).toEqual(['payment.succeeded', ...Array(3).fill('payment.refunded')])
  })

  test.each([-1, 0, 1])(
    'that is reported pending after it has succeeded, %i seconds later, publishes nothing',
    (later) => {
      const { inMemory, refund } = sold()
      inMemory.receive(refund({ status: 'succeeded' }, start + 2))
      expect(inMemory.receive(refund({ status: 'pending' }, start + 2 + later))).toMatchObject({
        reason: 'same_state',
      })
    },
  )

  test.each(['requires_action', 'pending'] as const)('that is %s is on its way', (status) => {
    const { inMemory, refund, now } = sold()
    inMemory.receive(refund({ amount: 5, status }))
    expect(now()).toMatchObject({ refund_pending: 5 })
  })

  test('in another currency than its payment is not added to it', () => {
    const { inMemory, refund, now } = sold()
    inMemory.receive(refund({ amount: 5, currency: 'usd' }))
    expect(now()).toMatchObject({ refunded: 0 })
  })

  test.each([-5, 2 ** 53])('of %s is an error, and nothing is changed', (amount) => {
    const { inMemory, refund, now } = sold()
    expect(inMemory.receive(refund({ amount }))).toMatchObject({ outcome: 'failed' })
    expect(now()).toMatchObject({ refunded: 0 })
  })

  test('of an unknown payment is looked up once, then waits for it', () => {
    const inMemory = inMemoryBilling()
    const { refund } = saleStory()
    expect(inMemory.receive(refund({}))).toEqual({ outcome: 'look', target: 'look:invoice-payments:pi_sale' })
    expect(inMemory.receive(refund({}), { wasLooked: true })).toEqual({
      outcome: 'ignored',
      reason: 'not_ours',
      waitingFor: 'pi_sale',
    })
  })
})

describe('A refunded charge', () => {
  test('that names its refunds, as until 2024, is taken at its word', () => {
    const { inMemory, refund, refundedCharge, now } = sold()
    const [event] = [refund({ amount: 250 })]
    const object = event.data.object as never
    expect(inMemory.receive(refundedCharge(250, [object]))).toMatchObject({ outcome: 'done' })
    expect(now()).toMatchObject({ refunded: 250 })
  })

  test('that names none is looked up, unless all of them are known', () => {
    const { inMemory, refund, refundedCharge } = sold()
    expect(inMemory.receive(refundedCharge(250))).toEqual({ outcome: 'look', target: 'look:refunds:ch_sale' })
    inMemory.receive(refund({ amount: 250 }))
    expect(inMemory.receive(refundedCharge(250))).toMatchObject({ outcome: 'ignored', reason: 'same_state' })
  })
})

describe('A dispute', () => {
  test.each([
    ['warning_needs_response', 'inquiry'],
    ['warning_under_review', 'inquiry'],
    ['warning_closed', null],
    ['needs_response', 'open'],
    ['under_review', 'open'],
    ['appeal_needs_response', 'open'],
    ['appeal_under_review', 'open'],
    ['prevented', null],
    ['won', 'won'],
    ['lost', 'lost'],
  ])('that is %s makes its payment %s', (status, state) => {
    const { inMemory, dispute, now } = sold()
    inMemory.receive(dispute(status))
    expect(now()).toMatchObject({ dispute: state })
  })

  test('that has ended is not reopened by late events, but by an appeal', () => {
    const { inMemory, dispute, now } = sold()
    inMemory.receive(dispute('lost', start + 50))
    inMemory.receive(dispute('under_review', start + 99))
    expect(now()).toMatchObject({ dispute: 'lost' })
    inMemory.receive(dispute('appeal_needs_response', start + 100))
    expect(now()).toMatchObject({ dispute: 'open' })
    inMemory.receive(dispute('won', start + 200))
    expect(now()).toMatchObject({ dispute: 'won' })
  })

  test('beside another one: the worst of them counts', () => {
    const { inMemory, dispute, now } = sold()
    inMemory.receive(dispute('won', start, 'dp_1'))
    inMemory.receive(dispute('needs_response', start, 'dp_2'))
    expect(now()).toMatchObject({ dispute: 'open' })
  })

  test('of an unknown state takes nothing and is told, until its state is known again', () => {
    const { inMemory, dispute, now } = sold()
    inMemory.receive(dispute('needs_response', start + 1))
    inMemory.receive(dispute('brand_new', start + 2))
    expect(now()).toMatchObject({ dispute: null, unclear: expect.stringContaining('"brand_new"') })
    inMemory.receive(dispute('won', start + 3))
    expect(now()).toMatchObject({ dispute: 'won', unclear: null })
  })

  const moves = (...amounts: number[]) => amounts.map((amount) => ({ amount, currency: 'eur' }))

  test.each([
    ['blocked: the money stays', moves(), null, null],
    ['resolved with the money', moves(-1_000), 'lost', null],
    ['resolved, and the money was given back', moves(-1_000, 1_000), null, null],
    ['with a part of the money', moves(-400), null, expect.stringContaining('withdrawn')],
    ['in dollars', [{ amount: -1_100, currency: 'usd' }], null, expect.stringContaining('withdrawn')],
  ])('that was prevented, %s', (_, balance_transactions, state, unclear) => {
    const { inMemory, emit, now } = sold()
    const object = { ...disputed(1_000, 'prevented'), balance_transactions } as Stripe.Dispute
    inMemory.receive(emit('charge.dispute.closed', object, start + 60))
    expect([now()?.dispute ?? null, now()?.unclear ?? null]).toEqual([state, unclear])
  })
})

describe('A suspicion of fraud', () => {
  test('is described in a sentence, and published once', () => {
    const { inMemory, warning, now } = sold()
    inMemory.receive(warning())
    inMemory.receive(warning())
    expect(now()).toMatchObject({ fraud_warning: "The card's bank warns of fraud: made with stolen card." })
    expect(inMemory.published()).toEqual(['payment.succeeded', 'payment.flagged'])
  })

  test.each([
    ['approved', null],
    ['refunded_as_fraud', 'The payment was under review at Stripe: refunded as fraud.'],
  ] as const)('of a review that was closed as %s is %s', (closed_reason, fraud_warning) => {
    const { inMemory, review, now } = sold()
    inMemory.receive(review(true))
    expect(now()).toMatchObject({ fraud_warning: 'The payment is under review at Stripe: rule.' })
    inMemory.receive(review(false, closed_reason))
    expect(now()).toMatchObject({ fraud_warning })
    expect(inMemory.receive(review(true))).toMatchObject({ reason: 'same_state' })
  })
})

describe('A returned direct debit', () => {
  const returned = (amount: number, id: string, currency = 'eur') =>
    disputed(amount, 'lost', id, { reason: 'insufficient_funds', currency })

  test('is published with the amount that the bank returned, of all its returns', () => {
    const { inMemory, emit, now } = sold()
    inMemory.receive(emit('charge.dispute.created', returned(300, 'dp_a'), start + 60))
    expect(now()).toMatchObject({ dispute: null, disputed: null, returned: true, returned_amount: 300 })
    inMemory.receive(emit('charge.dispute.created', returned(700, 'dp_b'), start + 61))
    expect(now()).toMatchObject({ returned: true, returned_amount: 1_000, version: 3 })
  })

  test('in another currency is all of it, as far as anybody can tell', () => {
    const { inMemory, emit, now } = sold()
    inMemory.receive(emit('charge.dispute.created', returned(300, 'dp_a', 'usd'), start + 60))
    expect(now()).toMatchObject({ returned: true, returned_amount: null })
  })

  test.each([
    [300, true],
    [1_000, false],
  ])('of %s of 1,000 leaves the period paid: %s', (amount, isPaid) => {
    const { six, subId, periodEnd, emit } = subscriptionStory()
    const inMemory = inMemoryBilling()
    inMemory.receiveAll(six)
    const object = { ...returned(amount, 'dp_a'), charge: null, payment_intent: 'pi_first' }
    inMemory.receive(emit('charge.dispute.created', object as never, start + 60))
    expect(inMemory.subscription(subId)?.paid_until).toBe(isPaid ? periodEnd : null)
  })
})

describe('A dispute', () => {
  test('of a part is published with that part, which may change while its state does not', () => {
    const { inMemory, emit, now } = sold()
    inMemory.receive(emit('charge.dispute.created', disputed(1, 'needs_response'), start + 60))
    expect(now()).toMatchObject({ dispute: 'open', disputed: { open: 1, lost: 0 }, version: 2 })
    inMemory.receive(emit('charge.dispute.updated', disputed(2, 'needs_response'), start + 61))
    expect(now()).toMatchObject({ disputed: { open: 2, lost: 0 }, version: 3 })
    inMemory.receive(emit('charge.dispute.closed', disputed(2, 'lost'), start + 62))
    expect(now()).toMatchObject({ dispute: 'lost', disputed: { open: 0, lost: 2 } })
  })

  test('beside another one is added to it; questions and won ones take nothing', () => {
    const { inMemory, emit, now } = sold()
    inMemory.receive(emit('charge.dispute.created', disputed(400, 'lost', 'dp_a'), start + 60))
    inMemory.receive(emit('charge.dispute.created', disputed(100, 'under_review', 'dp_b'), start + 61))
    inMemory.receive(emit('charge.dispute.created', disputed(300, 'won', 'dp_c'), start + 62))
    inMemory.receive(
      emit('charge.dispute.created', disputed(50, 'warning_needs_response', 'dp_d'), start + 63),
    )
    expect(now()).toMatchObject({ dispute: 'lost', disputed: { open: 100, lost: 400 } })
  })

  test('in another currency is of all, as far as anybody can tell', () => {
    const { inMemory, emit, now } = sold()
    const object = disputed(1, 'lost', 'dp_1', { currency: 'usd' })
    inMemory.receive(emit('charge.dispute.created', object, start + 60))
    expect(now()).toMatchObject({ dispute: 'lost', disputed: null })
  })
})

describe('A PaymentIntent that paid two invoices, 10.00 each', () => {
  function paidTogether() {
    const story = subscriptionStory()
    const inMemory = inMemoryBilling()
    inMemory.receiveAll(story.six)
    const invoices = [1, 2].map((periods) => story.renewal(periods))
    for (const invoice of invoices) inMemory.receiveAll(story.invoicePaid(invoice, 'pi_both'))
    const ids = invoices.map(({ id }) => String(id))
    const link = { charge: 'ch_both', payment_intent: 'pi_both' }
    const { emit, subId } = story
    return { inMemory, emit, subId, link, both: () => ids.map((id) => inMemory.payment(id)) }
  }

  test.each([
    [2_000, 1_000],
    [1_000, 500],
    [1, 1],
  ])('of which %i are refunded: %i of each, and none is refunded before both are', (amount, each) => {
    const { inMemory, link, both } = paidTogether()
    const { refund } = saleStory()
    expect(inMemory.receive(refund({ ...link, amount })).outcome).toBe('done')
    expect(both()).toMatchObject([{ refunded: each }, { refunded: each }])
  })

  test('of which all is refunded in parts: both are refunded in full', () => {
    const { inMemory, link, both } = paidTogether()
    const { refund } = saleStory()
    for (const [index, amount] of [667, 666, 667].entries())
      inMemory.receive(refund({ ...link, id: `re_${index}`, amount }))
    expect(both()).toMatchObject([{ refunded: 1_000 }, { refunded: 1_000 }])
  })

  test('is disputed, all of it or a part: each bears its share', () => {
    const { inMemory, emit, link, both } = paidTogether()
    const dispute = (amount: number) => ({ ...disputed(amount, 'lost'), ...link }) as Stripe.Dispute
    inMemory.receive(emit('charge.dispute.created', dispute(1_000), start + 60))
    expect(both()).toMatchObject([{ disputed: { lost: 500 } }, { disputed: { lost: 500 } }])
    inMemory.receive(emit('charge.dispute.updated', dispute(2_000), start + 61))
    expect(both()).toMatchObject([{ disputed: { lost: 1_000 } }, { disputed: { lost: 1_000 } }])
  })

  test('and returned: neither period is paid, in whichever order', () => {
    const { inMemory, emit, link, both, subId } = paidTogether()
    const before = inMemory.subscription(subId)?.paid_until
    const object = { ...disputed(2_000, 'lost', 'dp_1', { reason: 'insufficient_funds' }), ...link }
    inMemory.receive(emit('charge.dispute.created', object as Stripe.Dispute, start + 60))
    expect(both()).toMatchObject([{ returned_amount: 1_000 }, { returned_amount: 1_000 }])
    expect(inMemory.subscription(subId)?.paid_until).not.toBe(before)
  })
})
