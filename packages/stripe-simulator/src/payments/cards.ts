import type { Account } from '../account.ts'
import { missing } from '../api/api-error.ts'
import type { Card } from './card.ts'

export function cardOf(account: Account, customer: unknown): Card {
  return typeof customer === 'string' ? (account.cards.get(customer) ?? 'works') : 'works'
}

export function setCard(account: Account, customer: string, answer: Card) {
  if (!account.customers.has(customer)) throw missing('customer', customer)
  account.cards.set(customer, answer)
}
