import { setTimeout as delay } from 'node:timers/promises'
import type { PanelFault } from '@spawnpoint/panel-simulator'
import type { WebhookFault } from '@spawnpoint/stripe-simulator'
import type { Counts } from './counts.ts'
import type { Environment } from './open-environment.ts'
import type { Targets } from './open-targets.ts'
import type { PanelTrouble, PlannedFault, StripeTrouble, WebhookTrouble } from './schedule-faults.ts'

export type Inject = (fault: PlannedFault) => Promise<void>

type Options = {
  environment: Environment
  targets: Targets
  timeScale: number
  count: Counts['add']
}

/** Lets one planned fault happen, and ends it when its time is over. */
export function createInject({ environment, targets, timeScale, count }: Options): Inject {
  const { wires, panel, stripe, nats } = environment
  const during = async (add: () => string, remove: (id: string) => void, forMs: number) => {
    const id = add()
    await delay(forMs)
    remove(id)
  }

  return async function inject(fault) {
    switch (fault.kind) {
      case 'kill':
        await targets[fault.target]?.kill(fault.downMs)
        return count('kills', fault.target)
      case 'freeze':
        await targets[fault.target]?.freeze(fault.forMs)
        return count('faults', `freeze_${fault.target}`)
      case 'wipe':
        await targets.nats?.restart(nats.wipe)
        return count('faults', 'wipe_jetstream')
      case 'cut':
        wires[fault.wire].cut()
        return count('faults', `cut_${fault.wire}`)
      case 'slow':
      case 'stall': {
        const wire = wires[fault.wire]
        if (fault.kind === 'slow') wire.slow(fault.perPieceMs)
        else wire.stall()
        await delay(fault.forMs)
        wire.heal()
        return count('faults', `${fault.kind}_${fault.wire}`)
      }
      case 'panel': {
        const when = { times: fault.times, ...(onlyCreates.includes(fault.trouble) ? creates : {}) }
        return during(
          () => panel.addFault({ when, do: panelAction(fault.trouble, timeScale) }),
          panel.removeFaults,
          fault.forMs,
        )
      }
      case 'stripe': {
        const when = { method: 'POST', path: '^/v1/checkout/sessions$', times: fault.times }
        return during(
          () => stripe.addApiFault({ when, do: stripeAction(fault.trouble) }),
          stripe.removeFaults,
          fault.forMs,
        )
      }
      case 'webhooks':
        return during(
          () => stripe.addWebhookFault({ do: webhookAction(fault.trouble) }),
          stripe.removeFaults,
          fault.forMs,
        )
      default:
        return fault satisfies never
    }
  }
}

const creates = { method: 'POST', path: '^/api/application/servers$' }
const onlyCreates: PanelTrouble[] = ['504-but-created', 'response-lost']

function panelAction(trouble: PanelTrouble, timeScale: number): PanelFault['do'] {
  switch (trouble) {
    case '429':
      return { kind: 'status', status: 429, retryAfterS: 1 }
    case '500':
      return { kind: 'status', status: 500 }
    case 'hang':
      return { kind: 'hang', work: true }
    case '504-but-created':
      return { kind: 'created-then-504' }
    case 'response-lost':
      return { kind: 'lost-response' }
    case 'refused':
      return { kind: 'refused' }
    case 'slow':
      // Scaled by the panel itself.
      return { kind: 'slow', ms: 500 / timeScale }
    default:
      return trouble satisfies never
  }
}

function stripeAction(trouble: StripeTrouble): Parameters<Environment['stripe']['addApiFault']>[0]['do'] {
  switch (trouble) {
    case '429':
    case '500':
      return { kind: 'status', status: Number(trouble) }
    case 'hang':
      return { kind: 'hang', work: true }
    case 'response-lost':
      return { kind: 'lost-response' }
    case 'slow':
      return { kind: 'slow', ms: 1_000 }
    default:
      return trouble satisfies never
  }
}

function webhookAction(trouble: WebhookTrouble): WebhookFault['do'] {
  switch (trouble) {
    case 'repeat':
      return { kind: 'duplicate', copies: 3 }
    case 'delay':
      return { kind: 'delay', ms: 2_000 }
    case 'reorder':
      return { kind: 'shuffle', windowMs: 500, order: 'random' }
    case 'wrong-signature':
      return { kind: 'wrong-signature' }
    default:
      return trouble satisfies never
  }
}
