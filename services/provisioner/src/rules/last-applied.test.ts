import { expect, test } from 'vitest'
import { lastAppliedOf, lastAppliedWith, pendingChanges, unsettled } from './last-applied.ts'

const order = {
  plan: 'small',
  environment: { EULA: '1' },
  server_name: 'Home',
  customer: { id: null, email: 'a@example.com', name: 'A' },
}

test('changes of size are told apart from changes of name and owner', () => {
  expect(differ({ plan: 'large' })).toEqual({ size: true, details: false })
  expect(differ({ environment: {} })).toEqual({ size: true, details: false })
  expect(differ({ server_name: 'Castle' })).toEqual({ size: false, details: true })
  expect(differ({ customer: { ...order.customer, id: 'c-1' } })).toEqual({ size: false, details: true })
  expect(differ({ version: 7, status: 'provisioned' })).toEqual({ size: false, details: false })
})

test('an unknown last-applied field counts as unchanged', () => {
  const order_state = JSON.stringify(order)
  expect(pendingChanges({ built_state: null, order_state })).toEqual({ size: false, details: false })
  const built_state = JSON.stringify({ plan: 'large' })
  expect(pendingChanges({ built_state, order_state })).toEqual({ size: true, details: false })
})

test('only what was done is remembered as done', () => {
  const wanted = { ...order, plan: 'large', server_name: 'Castle' }
  const states = { built_state: JSON.stringify(order), order_state: JSON.stringify(wanted) }
  const built_state = lastAppliedWith(states, ['plan', 'environment'])
  expect(lastAppliedOf({ built_state })).toMatchObject({ plan: 'large', server_name: 'Home' })
  expect(pendingChanges({ ...states, built_state })).toEqual({ size: false, details: true })
})

test('a change that was sent and not finished is made again, also back to the plan before', () => {
  const states = {
    built_state: unsettled({ built_state: JSON.stringify(order) }),
    order_state: JSON.stringify(order),
  }
  expect(pendingChanges(states)).toEqual({ size: true, details: false })
  const renamed = lastAppliedWith(states, ['server_name'])
  expect(pendingChanges({ ...states, built_state: renamed })).toMatchObject({ size: true })
  const resized = lastAppliedWith(states, ['plan', 'environment'])
  expect(pendingChanges({ ...states, built_state: resized })).toMatchObject({ size: false })
})

function differ(changes: object) {
  return pendingChanges({
    built_state: JSON.stringify(order),
    order_state: JSON.stringify({ ...order, ...changes }),
  })
}
