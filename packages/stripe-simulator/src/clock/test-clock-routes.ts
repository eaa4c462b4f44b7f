import { Hono } from 'hono'
import type Stripe from 'stripe'
import { z } from 'zod'
import type { Account } from '../account.ts'
import { ApiError, missing } from '../api/api-error.ts'
import { type Call, type Env, idOf, paramsOf, reply } from '../api/call.ts'
import { expand, integer, text } from '../api/params.ts'
import { listOf } from '../api/read-routes.ts'
import { newId } from '../ids.ts'
import type { Clock } from './clock.ts'
import { stepsTo } from './run-due.ts'

type TestClock = Stripe.TestHelpers.TestClock

const createParams = z.strictObject({ expand, frozen_time: integer, name: text.optional() })
const advanceParams = z.strictObject({ expand, frozen_time: integer })

/**
 * Stripe's own clocks for tests, one per customer there. Here all of them move the one clock of the account, which never
 * goes back: a clock of the past stands at the present. Like Stripe's, one that advances is ready when it is asked again.
 * Source: docs.stripe.com/api/test_clocks.
 */
export function testClockRoutes(account: Account, clock: Clock) {
  const found = (call: Call) => {
    const testClock = account.testClocks.get(idOf(call))
    if (!testClock) throw missing('test_helpers.test_clock', idOf(call))
    return testClock
  }
  return new Hono<Env>()
    .post('/', async (call) => {
      const { frozen_time, name = null } = await paramsOf(call, createParams)
      clock.moveTo(frozen_time * 1000)
      return reply(call, account.testClocks.save(testClockOf({ frozen_time: account.seconds(), name })))
    })
    .get('/', async (call) => {
      const params = await paramsOf(call, z.strictObject({ expand, limit: integer.optional() }))
      const kind = 'test_helpers.test_clock'
      return reply(call, listOf(call, account.testClocks, { kind, params, wanted: () => true }))
    })
    .get('/:id', (call) => reply(call, account.testClocks.save(ready(found(call)))))
    .post('/:id/advance', async (call) => {
      const { frozen_time } = await paramsOf(call, advanceParams)
      const before = found(call)
      if (frozen_time <= before.frozen_time) {
        throw new ApiError(400, 'A test clock can only be advanced to a later time.', {
          param: 'frozen_time',
        })
      }
      for (const _ of stepsTo(account, clock, frozen_time * 1000));
      return reply(call, account.testClocks.save(advancing(before, frozen_time)))
    })
    .delete('/:id', (call) => {
      const { id, object } = found(call)
      account.testClocks.remove(id)
      const removed = { id, object, deleted: true }
      return reply(call, removed)
    })
}

function testClockOf({ frozen_time, name }: Pick<TestClock, 'frozen_time' | 'name'>): TestClock {
  const created = Math.floor(Date.now() / 1000)
  return {
    id: newId('clock'),
    object: 'test_helpers.test_clock',
    created,
    deletes_after: created + 30 * 86_400,
    frozen_time,
    livemode: false,
    name,
    status: 'ready',
    status_details: {},
  }
}

function advancing(testClock: TestClock, target_frozen_time: number): TestClock {
  return {
    ...testClock,
    frozen_time: target_frozen_time,
    status: 'advancing',
    status_details: { advancing: { target_frozen_time } },
  }
}

function ready(testClock: TestClock): TestClock {
  return { ...testClock, status: 'ready', status_details: {} }
}
