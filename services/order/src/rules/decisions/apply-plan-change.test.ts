import type { Subscription } from '@spawnpoint/contracts'
import { expect, test } from 'vitest'
import { at, bought, iso, item, receive, shop, sub } from '../../../test/billing-story.ts'

const rules = shop()
const large = { plan: 'large', items: [item({ price: 'price_large', plan: 'large', amount: 1_999 })] }
const state = (version: number, changes: Partial<Subscription> = {}) =>
  sub({ version, paid_from: iso(0), paid_until: iso(30), ...changes })
const waiting = { ...bought(rules, state(2)), next_plan: 'large', next_plan_at: iso(30) }
const changed = receive(at(rules, 1), waiting, state(3, large))

test('The plan of the next period waits for it', () => {
  expect(changed).toMatchObject({ plan: 'small', next_plan: 'large', next_plan_at: iso(30) })
})

test('and waits no more once it is changed back at Stripe', () => {
  expect(receive(at(rules, 2), changed, state(4))).toMatchObject({
    ...{ plan: 'small', next_plan: null, next_plan_at: null },
  })
})
