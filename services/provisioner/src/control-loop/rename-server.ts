import type { Customer } from '@spawnpoint/contracts'
import type { Panel } from '../panel-types/panel.ts'
import { PanelError } from '../panel-types/panel-error.ts'
import type { PanelServer } from '../panel-types/resources.ts'
import { type EnsureUser, forgetUser, UserHeld } from '../panels/ensure-user.ts'
import { classifyError } from '../pterodactyl/classify-error.ts'
import { lastAppliedOf, lastAppliedWith } from '../rules/last-applied.ts'
import { orderOf, type Server } from '../rules/server.ts'
import { afterPanelCall, blocked } from '../rules/transitions.ts'
import type { Wait } from '../rules/waiting-reasons.ts'
import { executePanelCall, type PanelCallDeps } from './execute-panel-call.ts'
import type { StepResult } from './step-result.ts'

export type RenameServer = (server: Server, found: PanelServer, now: Date) => Promise<StepResult | null>

type Deps = PanelCallDeps & { panel: Panel; ensureUser: EnsureUser }

/** Gives the server the name and the owner that the order has by now. */
export function createRenameServer(deps: Deps): RenameServer {
  return async function renameServer(server, found, now) {
    const { order_id, server_name, customer } = orderOf(server)
    const { customer: owner = customer } = lastAppliedOf(server)
    const isAnothers = JSON.stringify(owner) !== JSON.stringify(customer)
    const user = isAnothers ? await userOrHeld(deps, customer) : found.user
    if (typeof user !== 'number') return { server, change: blocked(server, user) }
    // The panel clears omitted fields, the external id too.
    const body = { external_id: order_id, name: server_name, user, description: found.description }
    const ask = async () => {
      try {
        await deps.panel.changeDetails(found.id, body)
      } catch (error) {
        // An administrator deleted the stored user on the panel: the next attempt creates a new one.
        if (error instanceof PanelError && classifyError(error).class === 'user_gone')
          await forgetUser(deps.prisma, deps.panel, customer)
        throw error
      }
    }
    const asked = await executePanelCall(deps, server, { intent: 'rename', found, now, ask })
    if (!asked || asked.change) return asked
    const built_state = lastAppliedWith(server, ['server_name', 'customer'])
    return { ...asked, change: afterPanelCall(asked.server, { built_state, publish: undefined, now }) }
  }
}

async function userOrHeld({ ensureUser }: Deps, customer: Customer): Promise<number | Wait> {
  try {
    return await ensureUser(customer)
  } catch (error) {
    if (error instanceof UserHeld) return error.reason
    throw error
  }
}
