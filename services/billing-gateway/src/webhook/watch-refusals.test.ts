import { createLogger } from '@spawnpoint/service-kit'
import type Stripe from 'stripe'
import { expect, test } from 'vitest'
import { watchRefusals } from './watch-refusals.ts'

const bodyOf = (id: string) => Buffer.from(JSON.stringify({ id }, null, 2))

/** Stripe that knows `evt_ours`. */
function open() {
  const asked: string[] = []
  const warnings: object[] = []
  const log = createLogger({ service: 'test', level: 'silent' })
  log.warn = ((fields: object) => void warnings.push(fields)) as typeof log.warn
  const retrieve = async (id: string) => {
    asked.push(id)
    if (id !== 'evt_ours') throw new Error('No such event')
    return { id }
  }
  const stripe = { events: { retrieve } } as unknown as Stripe
  return { asked, warnings, refusals: watchRefusals({ stripe, log }) }
}

test('a burst is logged once, and makes the gateway degraded once Stripe knows the event, until one is accepted', async () => {
  const { asked, warnings, refusals } = open()
  for (let n = 0; n < 50; n += 1) refusals.refused('other_secret', bodyOf('evt_ours'))
  expect(warnings).toEqual([{ cause: 'other_secret', eventId: 'evt_ours', refused: 1 }])
  await Promise.resolve()
  expect(asked).toEqual(['evt_ours'])
  refusals.refused('other_secret', bodyOf('evt_ours'))
  expect(await refusals.check.find()).toMatchObject({
    problem: expect.stringContaining('2 webhooks were refused'),
    mend: expect.stringContaining('STRIPE_WEBHOOK_SECRET'),
  })
  refusals.accepted()
  expect(await refusals.check.find()).toBeNull()
})

test('what strangers post is no reason, however much it is', async () => {
  const { asked, refusals } = open()
  for (let n = 0; n < 50; n += 1) refusals.refused('other_secret', bodyOf(`evt_stranger${n}`))
  refusals.refused('no_signature', bodyOf('evt_ours'))
  refusals.refused('other_secret', Buffer.from('no event at all'))
  await Promise.resolve()
  expect(asked).toEqual(['evt_stranger0'])
  expect(await refusals.check.find()).toBeNull()
})

test.each(['clock', 'body_changed'] as const)(
  '%s is certain at once: one of our secrets signed it',
  async (cause) => {
    const { asked, refusals } = open()
    refusals.refused(cause, bodyOf('evt_any'))
    expect(await refusals.check.find()).toMatchObject({ problem: expect.stringContaining('evt_any') })
    expect(asked).toEqual([])
  },
)
