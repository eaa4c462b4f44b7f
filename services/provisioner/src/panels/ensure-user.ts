import { setTimeout as delay } from 'node:timers/promises'
import type { Customer } from '@spawnpoint/contracts'
import { failpoint } from '@spawnpoint/service-kit'
import type { PrismaClient } from '../generated/client.ts'
import type { Panel } from '../panel-types/panel.ts'
import { PanelError } from '../panel-types/panel-error.ts'
import { keyOf } from '../rules/customer-key.ts'
import { findPanelUser, removePanelUser, savePanelUser } from '../store/panel-users.ts'

const longestTurnMs = 500

export type EnsureUser = ReturnType<typeof createEnsureUser>

/** The panel's user for a customer: stored, created, or found where the panel refuses a second one. */
export function createEnsureUser({ prisma, panel }: { prisma: PrismaClient; panel: Panel }) {
  // Two users created at once deadlock in the panel's database: create one after the other, as long as the panel answers.
  let lastMade: Promise<unknown> = Promise.resolve()

  function makeUser(customer: Customer): Promise<number> {
    const made = lastMade.then(() => callForUser(panel, customer))
    lastMade = Promise.race([
      made.catch(() => {}),
      lastMade.then(() => delay(longestTurnMs, null, { ref: false })),
    ])
    return made
  }

  return async function ensureUser(customer: Customer): Promise<number> {
    const key = { customerKey: keyOf(customer), panelId: panel.id }
    const known = await findPanelUser(prisma, key)
    if (known !== null) return known
    failpoint('panel.before-user')
    const pteroUserId = await makeUser(customer)
    failpoint('panel.after-user')
    await savePanelUser(prisma, { ...key, pteroUserId })
    return pteroUserId
  }
}

/** For a user whom the panel no longer has. */
export async function forgetUser(prisma: PrismaClient, panel: Panel, customer: Customer): Promise<void> {
  await removePanelUser(prisma, { customerKey: keyOf(customer), panelId: panel.id })
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
