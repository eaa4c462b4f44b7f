import { setTimeout as delay } from 'node:timers/promises'
import type { PanelFault, WebhookFault } from '@spawnpoint/simulators'
import type { Counts } from './counts.ts'
import type { Victims } from './open-victims.ts'
import type { World } from './open-world.ts'
import type { PanelTrouble, PlannedFault, StripeTrouble, WebhookTrouble } from './schedule-faults.ts'

export type Inflict = (fault: PlannedFault) => Promise<void>

type Options = {
  world: World
  victims: Victims
  timeScale: number
  count: Counts['add']
}

/** Lets one planned fault happen, and ends it when its time is over. */
export function createInflict({ world, victims, timeScale, count }: Options): Inflict {
  const { wires, panel, stripe, nats } = world
  const during = async (add: () => string, remove: (id: string) => void, forMs: number) => {
    const id = add()
    await delay(forMs)
    remove(id)
  }

  return async function inflict(fault) {
    switch (fault.kind) {
      case 'kill':
        await victims[fault.victim]?.kill(fault.downMs)
        return count('kills', fault.victim)
      case 'freeze':
        await victims[fault.victim]?.freeze(fault.forMs)
        return count('faults', `freeze_${fault.victim}`)
      case 'wipe':
        await victims.nats?.restart(nats.wipe)
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
          () => panel.addFault({ when, do: panelDeed(fault.trouble, timeScale) }),
          panel.removeFaults,
          fault.forMs,
        )
      }
      case 'stripe': {
        const when = { method: 'POST', path: '^/v1/checkout/sessions$', times: fault.times }
        return during(
          () => stripe.addApiFault({ when, do: stripeDeed(fault.trouble) }),
          stripe.removeFaults,
          fault.forMs,
        )
      }
      case 'webhooks':
        return during(
          () => stripe.addWebhookFault({ do: webhookDeed(fault.trouble) }),
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

function panelDeed(trouble: PanelTrouble, timeScale: number): PanelFault['do'] {
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

function stripeDeed(trouble: StripeTrouble): Parameters<World['stripe']['addApiFault']>[0]['do'] {
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

function webhookDeed(trouble: WebhookTrouble): WebhookFault['do'] {
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
