import type { OrderState, Payment, ServerState } from '@spawnpoint/contracts'
import { applyPayment, applyServer, type Order, orderState, placedOrder } from '@spawnpoint/order'
import { nextStep } from '@spawnpoint/provisioner'

type Server = Parameters<typeof nextStep>[0]['server']
type PanelServer = NonNullable<Parameters<typeof nextStep>[0]['observed']['found']>

export type Action =
  /** A fact reaches the order: one of the payments there are, or of what the provisioner has published so far. */
  | { do: 'pay'; which: number }
  | { do: 'consume-server-event'; which: number }
  /** One of the things that the order service has published reaches the provisioner. */
  | { do: 'consume-order-event'; which: number }
  /** A worker takes the server, from whoever has it, and looks at the panel. */
  | { do: 'look' }
  /** The worker that looked last (0), or one before it whose lease is gone, does what follows from what it saw. */
  | { do: 'act'; worker: number }
  /** A create that is under way comes to its end on the panel; its response arrives or is lost. */
  | { do: 'land'; which: number; answered: boolean }
  | { do: 'never-land'; which: number }
  | { do: 'install' }

export type Panel = {
  /** Whether it takes an external id only once, as a real one does. */
  unique: boolean
  /** Whether a create may still land after its worker has given up on it and the server was looked at again. */
  late: boolean
}

const now = new Date('2026-11-23T12:00:00Z')

/** One order, its payments, its server and a panel: the rules are the product's own, what is around them is as small as it can be. */
export function modelShop(payments: Payment[], panel: Panel) {
  const request = {
    plan: 'small',
    region: 'eu',
    customer: { id: null, email: 'a@example.com', name: 'A' },
    server_name: 'Home',
    environment: {},
  }
  let order: Order = placedOrder('o-1', request, { amount: 999, currency: 'eur' })
  let server: Server | undefined
  let leases = 0
  const published = { byOrder: [orderState(order)], byProvisioner: [] as ServerState[] }
  const looks: { lease: string; orderVersion: number; found: PanelServer | null }[] = []
  const underWay: { lease: string }[] = []
  const onPanel: PanelServer[] = []

  function pay(payment: Payment | undefined) {
    if (!payment) return
    const decision = applyPayment(order, payment)
    if (decision.kind === 'ignored') return
    order = decision.order
    if (decision.event) published.byOrder.push(orderState(order))
  }

  function consumeServerEvent(news: ServerState | undefined) {
    if (!news) return
    const decision = applyServer(order, news)
    if (decision.kind === 'apply') order = decision.order
  }

  function consumeOrderEvent(state: OrderState | undefined) {
    if (!state || (server && state.version <= server.order_version)) return
    server = { ...(server ?? noServer), desired: state.desired, order_version: state.version }
  }

  function look() {
    if (!server) return
    if (!panel.late) for (const create of underWay.splice(0)) land(create, { answered: false })
    leases += 1
    server = { ...server, lease_token: `lease-${leases}` }
    const found = onPanel.find(({ external_id }) => external_id === 'o-1') ?? null
    looks.push({ lease: `lease-${leases}`, orderVersion: server.order_version, found })
  }

  function act(worker: number) {
    const [seen] = looks.splice(worker, 1)
    // What every write of the provisioner asks for: WHERE lease_token = … AND order_version = …
    if (!server || !seen || seen.lease !== server.lease_token) return
    if (seen.orderVersion !== server.order_version) return
    const next = nextStep({ server, observed: { found: seen.found }, now })
    switch (next.step) {
      case 'create':
        server = { ...server, generation: server.generation + 1, ptero_server_id: null }
        underWay.push({ lease: seen.lease })
        break
      case 'adopt':
        record({ ptero_server_id: next.found.id }, 'provisioning')
        break
      case 'done':
        record({ ptero_server_id: next.found?.id ?? null }, 'provisioned')
        break
      case 'fail':
        record({ error_class: next.class, error_message: next.message }, 'failed')
        break
      case 'poll':
      case 'wait':
        break
      case 'suspend':
      case 'unsuspend':
      case 'reinstall':
      case 'resize':
      case 'rename':
      case 'delete':
      case 'hold':
        throw new Error(`Nobody asked for ${next.step}`)
      default:
        next satisfies never
    }
  }

  function land(create: { lease: string } | undefined, { answered }: { answered: boolean }) {
    if (!create) return
    if (panel.unique && onPanel.some(({ external_id }) => external_id === 'o-1')) return
    const made = panelServer(onPanel.length + 1)
    onPanel.push(made)
    if (answered && server?.lease_token === create.lease)
      record({ ptero_server_id: made.id, installing_since: now }, 'provisioning')
  }

  function record(set: Partial<Server>, status: ServerState['status']) {
    if (!server) return
    const known = { ...server, ...set }
    if (known.status === status && known.ptero_server_id === server.ptero_server_id) return
    server = { ...known, status, version: server.version + 1 }
    published.byProvisioner.push(news(server, status))
  }

  function take(action: Action): void {
    switch (action.do) {
      case 'pay':
        pay(pick(payments, action.which))
        break
      case 'consume-server-event':
        consumeServerEvent(pick(published.byProvisioner, action.which))
        break
      case 'consume-order-event':
        consumeOrderEvent(pick(published.byOrder, action.which))
        break
      case 'look':
        look()
        break
      case 'act':
        act(Math.max(0, looks.length - 1 - action.worker))
        break
      case 'land':
        land(underWay.splice(action.which, 1)[0], action)
        break
      case 'never-land':
        underWay.splice(action.which, 1)
        break
      case 'install':
        for (const made of onPanel) made.status = null
        break
      default:
        action satisfies never
    }
  }

  /** Every event is processed, old ones last; nothing fails any more, and nobody waits. */
  function settle(): void {
    for (const payment of onceMoreBackwards(payments)) pay(payment)
    for (const state of onceMoreBackwards(published.byOrder)) consumeOrderEvent(state)
    for (let i = 0; i < 4; i += 1) {
      for (const create of underWay.splice(0)) land(create, { answered: true })
      take({ do: 'install' })
      look()
      act(looks.length - 1)
    }
    for (const state of onceMoreBackwards(published.byProvisioner)) consumeServerEvent(state)
  }

  return { take, settle, order: () => order, servers: () => onPanel }
}

function pick<T>(items: T[], which: number): T | undefined {
  return items[which % Math.max(1, items.length)]
}

function onceMoreBackwards<T>(items: T[]): T[] {
  return [...items, ...items.toReversed()]
}

function panelServer(id: number): PanelServer {
  return {
    id,
    external_id: 'o-1',
    uuid: `uuid-${id}`,
    identifier: `server-${id}`,
    name: 'Home',
    description: '',
    status: 'installing',
    limits: { memory: 0, swap: 0, disk: 0, io: 500, cpu: 0, threads: null, oom_disabled: false },
    user: 1,
    node: 1,
    allocation: id,
    egg: 1,
    container: { startup_command: '', image: '', environment: {} },
  }
}

function news(server: Server, status: ServerState['status']): ServerState {
  const { order_id, version, order_version, ptero_server_id, error_class, error_message } = server
  const ptero_identifier = ptero_server_id === null ? null : `server-${ptero_server_id}`
  const where = { ptero_server_id, ptero_identifier, address: null, node_id: null }
  return { order_id, version, order_version, status, ...where, error_class, error_message }
}

const noServer: Server = {
  order_id: 'o-1',
  moved_region: null,
  reinstall_egg: null,
  reinstall_sent_of: null,
  desired: 'none',
  order_version: 0,
  order_state: '{}',
  built_state: null,
  status: 'none',
  version: 0,
  generation: 0,
  attempts: 0,
  next_attempt_at: null,
  lease_token: null,
  unknown_until: null,
  intent: null,
  intent_at: null,
  installing_since: null,
  installed_at: null,
  reinstalls: 0,
  suspend_sent_at: null,
  delete_sent_at: null,
  ptero_server_id: null,
  ptero_identifier: null,
  ptero_uuid: null,
  ptero_user_id: null,
  address: null,
  node_id: null,
  allocation_id: null,
  panel_id: 'main',
  error_class: null,
  error_message: null,
}
