import { createHash } from 'node:crypto'
import type { Customer } from '@spawnpoint/contracts'
import { sql } from '@spawnpoint/database'
import { step } from '@spawnpoint/service-kit'
import type { PrismaClient } from './generated/client.ts'
import type { PanelClient } from './panel/panel-client.ts'
import { PanelError } from './panel/panel-error.ts'
import { page, panelUser, userAttributes } from './panel/resources.ts'

export type EnsureUser = ReturnType<typeof createEnsureUser>

/** The panel's user for a customer: known, found on the panel, or made. */
export function createEnsureUser({ prisma, panel }: { prisma: PrismaClient; panel: PanelClient }) {
  // Two users made at once deadlock in the panel's database: one after the other.
  let lastMade: Promise<unknown> = Promise.resolve()

  function makeUser(customer: Customer): Promise<number> {
    const made = lastMade.then(() => callForUser(panel, customer))
    lastMade = made.catch(() => {})
    return made
  }

  return async function ensureUser(customer: Customer): Promise<number> {
    const customerKey = keyOf(customer)
    const known = await prisma.panelUser.findUnique({ where: { customerKey } })
    if (known) return known.pteroUserId
    step('panel.before-user')
    const pteroUserId = (await findUser(panel, customer)) ?? (await makeUser(customer))
    step('panel.after-user')
    await prisma.$executeRaw(
      sql`INSERT INTO panel_user (customer_key, ptero_user_id) VALUES (${customerKey}, ${pteroUserId})
          ON DUPLICATE KEY UPDATE ptero_user_id = ${pteroUserId}`,
    )
    return pteroUserId
  }
}

/** For a user whom the panel no longer has. */
export async function forgetUser(prisma: PrismaClient, customer: Customer): Promise<void> {
  await prisma.panelUser.deleteMany({ where: { customerKey: keyOf(customer) } })
}

async function callForUser(panel: PanelClient, customer: Customer): Promise<number> {
  try {
    return (await panel.call('/users', panelUser, { method: 'POST', body: newUser(customer) })).id
  } catch (error) {
    // With its mail broken the panel answers 500 and has the user; a lost race is refused although it is there now.
    const made = error instanceof PanelError ? await findUser(panel, customer) : null
    if (made === null) throw error
    return made
  }
}

async function findUser(panel: PanelClient, { id, email }: Customer): Promise<number | null> {
  if (id !== null) {
    const user = await panel.find(`/users/external/${encodeURIComponent(id)}`, panelUser)
    // The panel compares without case and accents: then it is another customer's.
    if (user?.external_id === id) return user.id
  }
  // The filter finds parts of an address and takes a comma for "or".
  const filter = encodeURIComponent(email.split(',')[0] ?? email)
  for (let number = 1; ; number += 1) {
    const { items, pages } = await panel.call(
      `/users?filter[email]=${filter}&per_page=100&page=${number}`,
      page(userAttributes),
    )
    const user = items.find((item) => item.email.toLowerCase() === email.toLowerCase())
    if (user) return user.id
    if (number >= pages) return null
  }
}

function newUser(customer: Customer) {
  // The panel takes a name of which nothing can be seen for none.
  const name = /[^\s\p{C}]/u.test(customer.name) ? customer.name : ''
  const [first, ...rest] = name.trim().split(/\s+/)
  return {
    email: customer.email,
    username: usernameOf(customer),
    first_name: first || customer.email,
    // The panel wants both names.
    last_name: rest.join(' ') || '-',
    ...(customer.id === null ? {} : { external_id: customer.id }),
  }
}

/** The same for the same customer always, so that the panel itself refuses a second one; too long to be met by trying. */
function usernameOf(customer: Customer): string {
  const local = customer.email.split('@')[0] ?? ''
  const plain = local
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
  return `${plain.slice(0, 40) || 'player'}-${keyOf(customer).slice(0, 16)}`
}

/** Anything may stand in a shop's customer id; a digest fits every column. */
export function keyOf({ id, email }: Customer): string {
  return createHash('sha256')
    .update(id === null ? `email:${email.toLowerCase()}` : `id:${id}`)
    .digest('hex')
}
