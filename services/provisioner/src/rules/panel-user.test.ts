import type { Customer } from '@spawnpoint/contracts'
import { expect, test } from 'vitest'
import type { PanelUser } from '../panel-types/resources.ts'
import { keyOf } from './customer-key.ts'
import { isSameUser, type UserOwner, usernameOf, whyNotTheirs } from './panel-user.ts'

const alex: Customer = { id: null, email: 'alex@example.com', name: 'Alex' }
const shopAlex: Customer = { ...alex, id: 'c-1' }
const mallory: Customer = { id: null, email: 'mallory@example.com', name: 'M' }
const ofMallory = [ownerOf(mallory)]

test.each([
  ['made by hand, and nobody’s', alex, {}, []],
  ['theirs already', alex, {}, [ownerOf(alex)]],
  ['marked with their id in the shop', shopAlex, { external_id: 'c-1' }, ofMallory],
  ['made for them, whatever the e-mail is', alex, { username: usernameOf(alex) }, []],
  ['made for them, and an administrator since', alex, { username: usernameOf(alex), root_admin: true }, []],
] as const)('a user who is %s is given the server', (_, customer, changes, owners) => {
  expect(why(customer, changes, [...owners])).toBeNull()
})

test.each([
  ["another customer's", alex, {}, ofMallory, 'panel_user_taken', '"panel_user_id": 57'],
  [
    "another customer's of our making, of which our table says nothing",
    alex,
    { username: usernameOf(mallory) },
    [],
    'panel_user_taken',
    'another customer',
  ],
  ['marked by another shop', alex, { external_id: 'whmcs-4' }, [], 'panel_user_taken', 'another customer'],
  [
    'marked with another id',
    shopAlex,
    { external_id: 'c-9' },
    [],
    'panel_user_taken',
    'external id on the panel to c-1',
  ],
  ['an administrator', alex, { root_admin: true }, [], 'panel_user_is_admin', 'an administrator'],
] as const)('a user who is %s is not', (_, customer, changes, owners, name, words) => {
  for (const sharing of ['never', 'by-email'] as const)
    expect(why(customer, changes, [...owners], sharing)).toEqual({
      class: name,
      message: expect.stringContaining(words),
    })
})

test('customers with one address share a user where the seller allows it, and the sentence names the setting', () => {
  const owners = [ownerOf({ ...alex, id: 'c-9', email: 'ALEX@example.com' })]
  const user = { external_id: 'c-9' }
  expect(why(alex, user, owners)).toMatchObject({
    message: expect.stringContaining('SHARE_PANEL_USERS=by-email'),
  })
  expect(why(alex, user, owners, 'by-email')).toBeNull()
})

test('an owner whose address was not recorded shares with nobody', () => {
  expect(why(alex, {}, [{ ...ownerOf(alex), customerKey: 'x', email: null }], 'by-email')).not.toBeNull()
})

test('a user is recognised by the uuid, and without one by looking like the customer', () => {
  const same = (known: { pteroUserId: number; uuid: string | null }, changes: Partial<PanelUser> = {}) =>
    isSameUser(userWith(changes), known, alex)
  expect(same({ pteroUserId: 57, uuid: 'u-57' }, { email: 'changed@example.com' })).toBe(true)
  expect(same({ pteroUserId: 57, uuid: 'u-1' })).toBe(false)
  expect(same({ pteroUserId: 57, uuid: null })).toBe(true)
  expect(same({ pteroUserId: 57, uuid: null }, { email: 'other@example.com' })).toBe(false)
  expect(same({ pteroUserId: 57, uuid: '' }, { email: 'other@example.com' })).toBe(true)
  expect(same({ pteroUserId: 3, uuid: '' })).toBe(false)
})

function why(
  customer: Customer,
  changes: Partial<PanelUser>,
  owners: UserOwner[],
  sharing: 'never' | 'by-email' = 'never',
) {
  return whyNotTheirs(userWith(changes), customer, { owners, sharing })
}

function userWith(changes: Partial<PanelUser>): PanelUser {
  return {
    id: 57,
    uuid: 'u-57',
    external_id: null,
    username: 'alex',
    email: 'alex@example.com',
    root_admin: false,
    ...changes,
  }
}

function ownerOf(customer: Customer): UserOwner {
  return { customerKey: keyOf(customer), email: customer.email }
}
