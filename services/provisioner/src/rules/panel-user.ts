import type { Customer } from '@spawnpoint/contracts'
import type { PanelServer, PanelUser } from '../panel-types/resources.ts'
import { isSameEmail, keyOf } from './customer-key.ts'
import type { Sharing } from './sharing.ts'
import type { Wait } from './waiting-reasons.ts'

/** A customer whose servers a user of the panel owns; with the address that they had here, where it was recorded. */
export type UserOwner = { customerKey: string; email: string | null }

/**
 * Why a user who was found on the panel must not be given the customer's servers; null where they may. Users change their e-mail on
 * the panel without confirming it: the address alone proves nothing about somebody whom another customer owns.
 */
export function whyNotTheirs(
  user: PanelUser,
  customer: Customer,
  { owners, sharing }: { owners: UserOwner[]; sharing: Sharing },
): Wait | null {
  if (user.external_id !== null && user.external_id === customer.id) return null
  const isOurs = user.username.endsWith(`-${markOf(customer)}`)
  if (isOurs && user.external_id === null) return null
  if (user.root_admin) return refusal('panel_user_is_admin', user, customer, 'is an administrator')
  const others = owners.filter(({ customerKey }) => customerKey !== keyOf(customer))
  const isMarked = user.external_id !== null || (isMadeByUs(user) && !isOurs)
  if (others.length === 0 && !isMarked) return null
  const areAlike =
    others.length > 0 && others.every(({ email }) => email !== null && isSameEmail(email, customer.email))
  if (areAlike && sharing === 'by-email') return null
  const whose = areAlike
    ? 'belongs to another customer with the same e-mail (SHARE_PANEL_USERS=by-email lets such customers share a user)'
    : 'belongs to another customer'
  return refusal('panel_user_taken', user, customer, whose)
}

function refusal(name: string, user: PanelUser, customer: Customer, whose: string): Wait {
  const isSame =
    customer.id !== null && user.external_id !== null
      ? `set that user's external id on the panel to ${customer.id}`
      : `provision the order with "panel_user_id": ${user.id}`
  return {
    class: name,
    message:
      `User ${user.id} on the panel has the e-mail of this order and ${whose}: the server was not given to them. ` +
      `If it is the same person, ${isSame}. If not, correct that user's e-mail on the panel, or the order's ` +
      '(POST /admin/orders/:id/decide {"customer_email": …}). Then provision the order again.',
  }
}

/** Whether a user has the uuid that is known for the customer; of one whose uuid was never stored, whether they look like the customer. */
export function isSameUser(
  user: PanelUser,
  { pteroUserId, uuid }: { pteroUserId: number; uuid: string | null },
  customer: Customer,
): boolean {
  if (uuid !== null && uuid !== '') return user.uuid === uuid
  if (user.id !== pteroUserId) return false
  if (uuid === '') return true
  if (customer.id !== null && user.external_id !== null) return user.external_id === customer.id
  // A user may change the e-mail on the panel, but not the username that we gave.
  return isSameEmail(user.email, customer.email) || user.username === usernameOf(customer)
}

/** Whether nobody but the customer is meant by how this user is known on the panel. */
export function looksLike(user: PanelUser, customer: Customer): boolean {
  const isById = customer.id !== null && user.external_id === customer.id
  return isById || isSameEmail(user.email, customer.email) || user.username === usernameOf(customer)
}

/** The panel has a server for the order already, and it is not the customer's. */
export function ownerDiffers(
  found: Pick<PanelServer, 'id' | 'user'>,
  known: { pteroUserId: number } | null,
): Wait {
  const theirs =
    known === null
      ? 'whom nothing connects with its customer'
      : `not to user ${known.pteroUserId} of its customer`
  const correct =
    known === null ? 'make the customer its owner there' : `make user ${known.pteroUserId} its owner there`
  return {
    class: 'owner_differs',
    message:
      `Server ${found.id} on the panel has the external id of this order and belongs to user ${found.user}, ${theirs}: it was not taken over. ` +
      `If it is the customer's, ${correct}, or provision the order with "panel_user_id": ${found.user} if that is the same person. ` +
      'If it is not, delete it there or take its external id away. This goes on by itself then.',
  }
}

/** By the name that users get from us: also when our own table is older than they are. */
function isMadeByUs({ username }: PanelUser): boolean {
  return /-[\da-f]{16}$/.test(username)
}

/** The same for the same customer always, so that the panel itself refuses a second one; too long to be met by trying. */
export function usernameOf(customer: Customer): string {
  const local = customer.email.split('@')[0] ?? ''
  const plain = local
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
  return `${plain.slice(0, 40) || 'player'}-${markOf(customer)}`
}

function markOf(customer: Customer): string {
  return keyOf(customer).slice(0, 16)
}
