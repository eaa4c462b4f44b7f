import type { PanelServer } from '../src/panel-types/resources.ts'
import { nextStep } from '../src/rules/next-step.ts'
import { type Intent, type Server, serverMissing } from '../src/rules/server.ts'
import { type ServerEventName, statusAfter } from '../src/rules/server-events.ts'
import { adopted, blocked, done, failed, installing, type Transition } from '../src/rules/transitions.ts'
import { modelPanel, type Sent } from './model-panel.ts'
import { serverRow } from './server-row.ts'

export type Action =
  | { do: 'want'; desired: 'running' | 'suspended' | 'terminated' }
  /** A worker takes the server, from whoever has it, looks at the panel and does what follows. */
  | { do: 'drive' }
  /** A call is carried out, and its answer is heard or lost. */
  | { do: 'land'; which: number; answered: boolean }
  /** Its worker no longer waits for it; it may still be carried out. */
  | { do: 'give-up' }
  | { do: 'install' }
  /** An administrator deletes it by hand, and somebody has it looked at. */
  | { do: 'lose' }
  /** A person gives up a server that the panel no longer has. */
  | { do: 'give-up-missing' }
  | { do: 'pass'; ms: number }

const longestCallMs = 120_000

/** The rules of one server with everything around them as small as it can be: rows, leases, a clock, and calls that come late. */
export function modelProvisioner() {
  const panel = modelPanel()
  const published: ServerEventName[] = []
  let row: Server = serverRow({ order_version: 1, next_attempt_at: at(0) })
  let clock = 0
  let isHeld = false
  let lease = 0
  let sent: Sent[] = []
  let unknownBefore: Date | null = null

  function want(desired: Server['desired']): void {
    if (row.desired === 'terminated') return
    // The lease goes with the version: whoever drives it finds that it has changed.
    lease += 1
    row = { ...row, desired, order_version: row.order_version + 1, next_attempt_at: at(clock) }
  }

  function drive(): void {
    lease += 1
    const next = nextStep({ server: row, observed: { found: panel.shows() }, now: at(clock) })
    isHeld = next.step === 'hold'
    switch (next.step) {
      case 'create':
        send('create', null)
        break
      case 'suspend':
      case 'unsuspend':
      case 'delete':
        if (next.step === 'suspend' && next.found.status === 'installing')
          throw new Error('Suspended while it was installed')
        send(next.step, next.found)
        break
      case 'adopt':
        record(adopted(row, next.found, at(clock)))
        break
      case 'poll':
        record(installing(row, next.found, { now: at(clock), timeScale: 1, usualMs: null }))
        break
      case 'done':
        record(done(row, next.found, at(clock)))
        break
      case 'hold':
        record(blocked(row, next, 0))
        break
      case 'fail':
        record(failed(next))
        break
      case 'wait':
        record({ set: {}, due: next.until })
        break
      case 'reinstall':
      case 'resize':
      case 'rename':
        throw new Error(`Nobody asked for ${next.step}`)
      default:
        next satisfies never
    }
  }

  function send(intent: Intent, found: PanelServer | null): void {
    unknownBefore = row.unknown_until
    const until = clock + longestCallMs
    row = { ...row, ...marks(intent, found), intent, intent_at: at(clock), unknown_until: at(until) }
    sent.push({ intent, id: found?.id ?? null, lease, until })
  }

  function marks(intent: Intent, found: PanelServer | null): Partial<Server> {
    const installed_at = found?.status === null ? (row.installed_at ?? at(clock)) : row.installed_at
    if (intent === 'create')
      return {
        generation: row.generation + 1,
        ptero_server_id: null,
        ptero_identifier: null,
        ptero_uuid: null,
        installed_at: null,
      }
    if (intent === 'suspend') return { installed_at, suspend_sent_at: row.suspend_sent_at ?? at(clock) }
    return { installed_at }
  }

  function land(call: Sent | undefined, answered: boolean): void {
    if (!call) return
    sent = sent.filter((one) => one !== call)
    panel.carryOut(call)
    if (answered && call.lease === lease)
      row = { ...row, unknown_until: unknownBefore, next_attempt_at: at(clock) }
  }

  function record({ set, publish, due }: Transition): void {
    const next_attempt_at =
      typeof due === 'number' ? at(clock + due) : due === 'keep' ? row.next_attempt_at : due
    const status = publish ? statusAfter(publish, row.status) : row.status
    row = { ...row, ...set, status, next_attempt_at }
    if (publish) published.push(publish)
  }

  function giveUp(): void {
    if (!sent.some((call) => call.lease === lease)) return
    lease += 1
    row = { ...row, next_attempt_at: at(clock) }
  }

  function take(action: Action): void {
    switch (action.do) {
      case 'want':
        want(action.desired)
        break
      case 'drive':
        drive()
        break
      case 'land':
        land(sent[action.which % Math.max(1, sent.length)], action.answered)
        break
      case 'give-up':
        giveUp()
        break
      case 'pass':
        pass(clock + action.ms)
        break
      case 'lose':
        panel.lose()
        row = { ...row, next_attempt_at: at(clock) }
        break
      case 'give-up-missing':
        if (row.error_class === serverMissing)
          row = { ...row, ptero_uuid: null, ptero_identifier: null, next_attempt_at: at(clock) }
        break
      case 'install':
        panel.install()
        break
      default:
        action satisfies never
    }
  }

  // What was not carried out in time never is.
  function pass(to: number): void {
    clock = to
    sent = sent.filter(({ until }) => until > clock)
  }

  /** The worst that may come: each call that is still on its way is carried out at the last moment, unheard. */
  function settle(): void {
    for (let turn = 0; turn < 200; turn += 1) {
      panel.install()
      const late = sent.toSorted((a, b) => a.until - b.until)[0]
      const due = row.next_attempt_at?.getTime() ?? Number.POSITIVE_INFINITY
      if (!late && due === Number.POSITIVE_INFINITY) return
      if (late && late.lease === lease) land(late, true)
      else if (late && late.until - 1 <= due) {
        clock = Math.max(clock, late.until - 1)
        land(late, false)
      } else {
        clock = Math.max(clock, due)
        drive()
        // Looked at again and again, until somebody decides.
        if (!late && isHeld) return
      }
    }
    throw new Error('It never comes to rest')
  }

  return { take, settle, told: published, row: () => row, shows: panel.shows }
}

function at(ms: number): Date {
  return new Date(Date.UTC(2026, 10, 23) + ms)
}
