import { forgottenCustomer } from '@spawnpoint/contracts'
import type { Subject } from './subject.ts'

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
export type Persons = Subject['persons']

/** Erases what belongs to a person from one value of a document; undefined: it holds none by its name. */
export type EraseField = (key: string, value: Json) => Json | undefined

/** Fields of our own events, orders, payments and audit entries. What is null stays so. */
export const eraseOwnField: EraseField = (key, value) => {
  if (value === null) return undefined
  if (key === 'customer') return typeof value === 'object' ? { ...forgottenCustomer } : undefined
  if (key === 'customer_email') return forgottenCustomer.email
  if (key === 'customer_name') return forgottenCustomer.name
  if (key === 'server_name') return forgottenName
  if (key === 'environment') return typeof value === 'object' ? {} : undefined
  // Pages at Stripe, which show the customer's name and address to whoever has the link.
  if (key === 'invoice_url' || key === 'checkout_url') return null
  return undefined
}

export const forgottenName = 'Forgotten'

/** Deeper than any vendor or event nests: what is below is dropped, so that no document overflows the stack. */
const deepest = 200

/** The document without the customer: by the names of its fields, and wherever a text contains their address or is their name. */
export function eraseFromJson(document: string, persons: Persons, eraseField: EraseField): string {
  const eraseText = textEraser(persons)
  // As it was, byte for byte, where nothing changes: re-running changes nothing.
  let isChanged = false
  const changed = <Value extends Json>(value: Value) => {
    isChanged = true
    return value
  }
  const erase = (value: Json, depth: number): Json => {
    if (typeof value === 'string') {
      const text = eraseText(value)
      return text === value ? value : changed(text)
    }
    if (value === null || typeof value !== 'object') return value
    if (depth > deepest) return changed(null)
    if (Array.isArray(value)) return value.map((item) => erase(item, depth + 1))
    return Object.fromEntries(
      Object.entries(value).map(([key, field]) => {
        const erased = eraseField(key, field)
        if (erased === undefined || isSame(erased, field)) return [key, erase(field, depth + 1)]
        return [key, changed(erased)]
      }),
    )
  }
  let parsed: Json
  try {
    parsed = JSON.parse(document) as Json
  } catch {
    // A dead letter may be no JSON at all.
    return eraseText(document)
  }
  const erased = erase(parsed, 0)
  return isChanged ? JSON.stringify(erased) : document
}

/** Of what stands in place of a field: it has one level. */
function isSame(one: Json, other: Json): boolean {
  if (one === null || other === null || typeof one !== 'object' || typeof other !== 'object')
    return one === other
  const [a, b] = [Object.entries(one), new Map(Object.entries(other))]
  return a.length === b.size && a.every(([key, value]) => b.get(key) === value)
}

export function eraseFromText(text: string, persons: Persons): string {
  return textEraser(persons)(text)
}

function textEraser(persons: Persons): (text: string) => string {
  const emails = [...new Set(persons.map(({ email }) => email).filter((email) => email.includes('@')))]
  const names = new Set(persons.map(({ name }) => name))
  const pattern = emails.length === 0 ? null : new RegExp(emails.map(escaped).join('|'), 'giu')
  return (text) => {
    if (names.has(text)) return forgottenCustomer.name
    return pattern === null ? text : text.replace(pattern, forgottenCustomer.email)
  }
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}
