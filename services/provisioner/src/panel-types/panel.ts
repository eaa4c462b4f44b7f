import type { Customer } from '@spawnpoint/contracts'
import type { PanelError } from './panel-error.ts'
import type { PanelEgg, PanelNode, PanelPort, PanelServer, PanelUser } from './resources.ts'

type Limits = { memory: number; swap: number; disk: number; io: number; cpu: number }
type FeatureLimits = { databases: number; backups: number; allocations: number }

export type NewServer = {
  external_id: string
  name: string
  description: string
  user: number
  egg: number
  docker_image: string
  startup: string
  environment: Record<string, string>
  limits: Limits
  feature_limits: FeatureLimits
  oom_disabled: boolean
  allocation: { default: number; additional?: number[] }
}

export type Build = {
  allocation: number
  oom_disabled: boolean
  limits: Limits & { threads: string | null }
  feature_limits: FeatureLimits
  /** The panel skips those that are not free, without an error. */
  add_allocations?: number[]
  remove_allocations?: number[]
}

type Startup = {
  egg: number
  image: string
  startup: string
  environment: Record<string, string>
  skip_scripts: boolean
}

/** All of them: what is left out the panel erases. */
type Details = { external_id: string; name: string; user: number; description: string }

/** `sweep`: after everything else, where the panel's calls are short. */
type Urgency = { urgency?: 'sweep' | undefined }

/**
 * The operations of a panel, of any kind. What fails, and what may or may not have been done, ends as a
 * `PanelError`; what is not there is null.
 */
export type Panel = {
  id: string
  /** A small request: whether it is a panel of its kind and accepts our key. */
  probe(): Promise<void>
  /** Whether it gives the key every right that is needed. Where it does not, nothing else can be seen. */
  checkRights(): Promise<PanelFinding[]>

  serverOfOrder(orderId: string): Promise<PanelServer | null>
  server(id: number, options?: { isSweep: boolean }): Promise<PanelServer | null>
  /** Of these orders, those that have one. Ids with a comma or blanks are not found. */
  serversOfOrders(orderIds: string[]): Promise<PanelServer[]>
  allServers(): Promise<PanelServer[]>
  createServer(server: NewServer): Promise<PanelServer>
  suspend(id: number): Promise<void>
  unsuspend(id: number): Promise<void>
  reinstall(id: number): Promise<void>
  /** `force`: also where its node does not answer, on which its files may then stay. */
  deleteServer(id: number, options?: { force: boolean }): Promise<void>
  changeBuild(id: number, build: Build): Promise<void>
  changeStartup(id: number, startup: Startup): Promise<void>
  changeDetails(id: number, details: Details): Promise<void>

  /** By the customer's id, else by e-mail: then it may be somebody else's. */
  findUser(customer: Customer): Promise<PanelUser | null>
  makeUser(customer: Customer): Promise<PanelUser>

  /** All of them; their servers only where they are asked for. */
  nodes(options: { withServers: boolean } & Urgency): Promise<PanelNode[]>
  node(id: number, options: { withServers: boolean }): Promise<PanelNode | null>
  /** None where there is no such node. */
  freePorts(nodeId: number, atMost: number, options?: Urgency): Promise<PanelPort[]>
  egg(id: number, options?: Urgency): Promise<PanelEgg | null>

  /** The last response, where it was a failure of the panel itself or of our key; null where it concerned one resource. */
  lastFailure(): PanelError | null
  failingForMs(): number | null
  /** The circuit breaker, and what the rate limiter still admits. */
  state(): PanelState
  /** What the panel accepts, for an estimate. */
  pace(): PanelPace
  /** How many calls would be sent at once, and in how many ms the next one would be; null: once one under way is answered. */
  available(): { calls: number; left: number; inMs: number | null }
  /** Every call under way, and every later one, ends as unanswered. */
  abandon(): void
}

export type PanelState = {
  circuit: 'closed' | 'open' | 'half_open'
  calls_a_minute: number | null
  calls_left: number | null
  calls_waiting: number
}

/** What the panel accepts: null where it reports no limit, or has not yet. */
export type PanelPace = {
  callsAMinute: number | null
  callsLeft: number | null
  /** Until its window of calls begins anew; 0 where that is now. */
  windowEndsInMs: number
  windowMs: number
}

export type PanelFinding = {
  level: 'ok' | 'warning' | 'error'
  /** What was checked: `key`, `rights`, `node 3`, `plan minecraft-small` … */
  what: string
  /** How it is, and what to do about it. */
  message: string
}
