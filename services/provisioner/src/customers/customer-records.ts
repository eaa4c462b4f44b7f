import {
  type Blocker,
  type CustomerRecords,
  eraseFromJson,
  eraseFromText,
  eraseOwnField,
  eraseTables,
  keysOf,
  type Subject,
} from '@spawnpoint/operations'
import type { PrismaClient, Server as Row } from '../generated/client.ts'
import { keyOf } from '../rules/customer-key.ts'
import {
  countCustomerValues,
  customerRows,
  readCustomerDrifts,
  readCustomerServers,
  readCustomerUsers,
  removeCustomerUsers,
  removeCustomerValues,
} from '../store/customer-servers.ts'

/** What this service has stored about a customer: their servers, and who they are on each panel. */
export function customerRecords({ prisma }: { prisma: PrismaClient }): CustomerRecords {
  return {
    keys: async (subject) => keysOf(subject),
    blockers: async ({ order_ids }) =>
      (await readCustomerServers(prisma, order_ids)).flatMap((row) => blockerOf(row) ?? []),
    async read(subject) {
      const { order_ids } = subject
      const [servers, panel_user, drift] = await Promise.all([
        readCustomerServers(prisma, order_ids),
        readCustomerUsers(prisma, customerKeys(subject)),
        readCustomerDrifts(prisma, order_ids),
      ])
      return { servers: servers.map(exported), panel_user, drift }
    },
    async erase(subject, { dryRun }) {
      const { order_ids, persons } = subject
      const keys = customerKeys(subject)
      const erased = await eraseTables(
        prisma,
        customerRows(order_ids, {
          json: (value) => eraseFromJson(value, persons, eraseOwnField),
          text: (value) => eraseFromText(value, persons),
        }),
        dryRun,
      )
      const panel_user = dryRun
        ? (await readCustomerUsers(prisma, keys)).length
        : await removeCustomerUsers(prisma, keys)
      const generated_value = dryRun
        ? await countCustomerValues(prisma, order_ids)
        : await removeCustomerValues(prisma, order_ids)
      return { erased: { ...erased, panel_user, generated_value }, next: null }
    },
    async remains(subject) {
      const known = [
        ...(await readCustomerUsers(prisma, customerKeys(subject))),
        ...(await readCustomerServers(prisma, subject.order_ids)),
      ]
      const users = known.flatMap(({ panelId, pteroUserId }) =>
        pteroUserId === null ? [] : [`${pteroUserId} of panel ${panelId}`],
      )
      return [...new Set(users)].map(
        (user) =>
          `User ${user} stays on the panel, with e-mail, names and a username made of the e-mail: delete that user there (Admin, Users), once no other server is theirs. The panel's own log and backups are yours too.`,
      )
    },
  }
}

function blockerOf({ orderId, status, generation, pteroServerId, errorMessage }: Row): Blocker | null {
  if (status === 'terminated' || (generation === 0 && pteroServerId === null)) return null
  return {
    record: `The server of order ${orderId}`,
    why: `it is ${status}, and not known to be deleted on the panel${errorMessage ? `: ${errorMessage}` : ''}`,
    next: 'It is deleted once its order has ended: wait until GET /servers/:order_id is `terminated`, then run this again.',
  }
}

function customerKeys({ persons }: Subject): string[] {
  return [...new Set(persons.map((person) => keyOf(person)))]
}

function exported({ leaseToken: _, leaseUntil: __, orderState, builtState, ...row }: Row): object {
  return {
    ...row,
    order: JSON.parse(orderState) as unknown,
    last_applied: builtState === null ? null : (JSON.parse(builtState) as unknown),
  }
}
