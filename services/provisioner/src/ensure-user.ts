import type { Customer } from '@spawnpoint/contracts'
import { sql } from '@spawnpoint/database'
import { failpoint } from '@spawnpoint/service-kit'
import { keyOf } from './customer-key.ts'
import type { PrismaClient } from './generated/client.ts'
import type { Panel } from './panel/panel.ts'
import { PanelError } from './panel/panel-error.ts'

export type EnsureUser = ReturnType<typeof createEnsureUser>

/** The panel's user for a customer: known, found on the panel, or made. */
export function createEnsureUser({ prisma, panel }: { prisma: PrismaClient; panel: Panel }) {
  // Two users made at once deadlock in the panel's database: one after the other.
  let lastMade: Promise<unknown> = Promise.resolve()

  function makeUser(customer: Customer): Promise<number> {
    const made = lastMade.then(() => callForUser(panel, customer))
    lastMade = made.catch(() => {})
    return made
  }

  return async function ensureUser(customer: Customer): Promise<number> {
    const customerKey = keyOf(customer)
    const known = await knownUser(prisma, customerKey, panel.id)
    if (known !== null && (await panel.isUserOf(known, customer))) return known
    failpoint('panel.before-user')
    const pteroUserId = (await panel.findUser(customer)) ?? (await makeUser(customer))
    failpoint('panel.after-user')
    await prisma.$executeRaw(
      sql`INSERT INTO panel_user (customer_key, panel_id, ptero_user_id)
          VALUES (${customerKey}, ${panel.id}, ${pteroUserId})
          ON DUPLICATE KEY UPDATE ptero_user_id = ${pteroUserId}`,
    )
    return pteroUserId
  }
}

async function knownUser(prisma: PrismaClient, customerKey: string, panelId: string): Promise<number | null> {
  const [row] = await prisma.$queryRaw<{ ptero_user_id: number }[]>(
    sql`SELECT ptero_user_id FROM panel_user WHERE customer_key = ${customerKey} AND panel_id = ${panelId}`,
  )
  return row?.ptero_user_id ?? null
}

/** For a user whom the panel no longer has. */
export async function forgetUser(prisma: PrismaClient, panel: Panel, customer: Customer): Promise<void> {
  await prisma.panelUser.deleteMany({ where: { customerKey: keyOf(customer), panelId: panel.id } })
}

async function callForUser(panel: Panel, customer: Customer): Promise<number> {
  try {
    return await panel.makeUser(customer)
  } catch (error) {
    // With its mail broken the panel answers 500 and has the user; a lost race is refused although it is there now.
    const made = error instanceof PanelError ? await panel.findUser(customer) : null
    if (made === null) throw error
    return made
  }
}
