import { setTimeout as delay } from 'node:timers/promises'
import type { Customer } from '@spawnpoint/contracts'
import { failpoint } from '@spawnpoint/service-kit'
import type { PrismaClient } from '../generated/client.ts'
import type { Panel } from '../panel-types/panel.ts'
import { PanelError } from '../panel-types/panel-error.ts'
import type { PanelServer, PanelUser } from '../panel-types/resources.ts'
import { isAsciiEmail, keyOf } from '../rules/customer-key.ts'
import { isSameUser, looksLike, ownerDiffers, whyNotTheirs } from '../rules/panel-user.ts'
import type { Sharing } from '../rules/sharing.ts'
import type { Wait } from '../rules/waiting-reasons.ts'
import { findPanelUser, ownersOfUser, removePanelUser, savePanelUser } from '../store/panel-users.ts'

const longestTurnMs = 500

export type EnsureUser = ReturnType<typeof createEnsureUser>

/** The user on the panel belongs to somebody else: a person has to decide. */
export class UserHeld extends Error {
  override name = 'UserHeld'
  readonly reason: Wait

  constructor(reason: Wait) {
    super(reason.message)
    this.reason = reason
  }
}

type Deps = { prisma: PrismaClient; panel: Panel; sharing: Sharing; timeScale: number }

/**
 * The panel's user for a customer: stored, created, or found where the panel refuses a second one. Throws `UserHeld` where it is not
 * theirs.
 */
export function createEnsureUser(deps: Deps) {
  const { prisma, panel, timeScale } = deps
  // Two users created at once deadlock in the panel's database: create one after the other, as long as the panel answers.
  let lastMade: Promise<unknown> = Promise.resolve()

  function makeUser(customer: Customer): Promise<PanelUser> {
    const made = lastMade.then(() => callForUser(panel, customer))
    lastMade = Promise.race([
      made.catch(() => {}),
      lastMade.then(() => delay(longestTurnMs * timeScale, null, { ref: false })),
    ])
    return made
  }

  return async function ensureUser(customer: Customer): Promise<number> {
    const key = { customerKey: keyOf(customer), panelId: panel.id }
    const known = await findPanelUser(prisma, key)
    if (known !== null) return known.pteroUserId
    failpoint('panel.before-user')
    // The panel sees no conflict between the two ways in which such an address is written.
    const found = isAsciiEmail(customer.email) ? null : await panel.findUser(customer)
    const user = found ?? (await makeUser(customer))
    failpoint('panel.after-user')
    await claimUser(deps, user, customer)
    return user.id
  }
}

async function claimUser(deps: Deps, user: PanelUser, customer: Customer): Promise<void> {
  const { prisma, panel, sharing } = deps
  const key = { customerKey: keyOf(customer), panelId: panel.id }
  const refuseOthers = async () => {
    const owners = await ownersOfUser(prisma, { panelId: panel.id, pteroUserId: user.id })
    const reason = whyNotTheirs(user, customer, { owners, sharing })
    if (reason) throw new UserHeld(reason)
  }
  await refuseOthers()
  await savePanelUser(prisma, { ...key, pteroUserId: user.id, uuid: user.uuid, email: customer.email })
  try {
    // Of two customers who claim one user at once, each sees the other now, and neither gets them.
    await refuseOthers()
  } catch (error) {
    await removePanelUser(prisma, key)
    throw error
  }
}

/**
 * Whether the owner whom the panel shows is the user that we know for the customer, and not somebody to whom a restored panel has given
 * the number: then they are forgotten.
 */
export async function isKnownOwner(
  { prisma, panel }: Pick<Deps, 'prisma' | 'panel'>,
  owner: PanelUser,
  customer: Customer,
): Promise<boolean> {
  const key = { customerKey: keyOf(customer), panelId: panel.id }
  const known = await findPanelUser(prisma, key)
  if (!known) return true
  if (isSameUser(owner, known, customer)) {
    if (known.uuid !== owner.uuid)
      await savePanelUser(prisma, { ...key, pteroUserId: owner.id, uuid: owner.uuid, email: customer.email })
    return true
  }
  await removePanelUser(prisma, key)
  return false
}

/** Why a server that the panel had for the order before we saw it there is not taken for the customer's; null where they own it. */
export async function whyNotOwned(
  deps: Pick<Deps, 'prisma' | 'panel' | 'sharing'>,
  found: PanelServer,
  customer: Customer,
): Promise<Wait | null> {
  const { prisma, panel, sharing } = deps
  const key = { customerKey: keyOf(customer), panelId: panel.id }
  const known = await findPanelUser(prisma, key)
  const owner = found.relationships?.user
  if (known) {
    const isTheirs = owner ? isSameUser(owner, known, customer) : known.pteroUserId === found.user
    return isTheirs ? null : ownerDiffers(found, known)
  }
  const owners = await ownersOfUser(prisma, { panelId: panel.id, pteroUserId: found.user })
  if (!owner || !looksLike(owner, customer) || whyNotTheirs(owner, customer, { owners, sharing }))
    return ownerDiffers(found, null)
  await savePanelUser(prisma, { ...key, pteroUserId: owner.id, uuid: owner.uuid, email: customer.email })
  return null
}

/** For a user whom the panel no longer has. */
export async function forgetUser(prisma: PrismaClient, panel: Panel, customer: Customer): Promise<void> {
  await removePanelUser(prisma, { customerKey: keyOf(customer), panelId: panel.id })
}

async function callForUser(panel: Panel, customer: Customer): Promise<PanelUser> {
  try {
    return await panel.makeUser(customer)
  } catch (error) {
    // With its mail broken the panel answers 500 and has the user; a lost race is refused although it is there now.
    const made = error instanceof PanelError ? await panel.findUser(customer) : null
    if (made === null) throw error
    return made
  }
}
