import { expect } from 'vitest'
import type { Panel } from '../src/index.ts'
import type { Translation } from './translation.ts'

/** Recorded, and not held against the simulator. */
export const leftOut: Record<string, string> = {}

/**
 * Calls that were still waiting for Wings while others were made. The record has them in the order in which they ended;
 * here is before which exchange they began. `id` is for the server that was never shown.
 */
export const begunBefore: Record<string, { exchange: string; id?: number }> = {
  'wings-create-slow-client-gives-up-after-2s': { exchange: 'in-flight-get-external-while-wings-is-slow' },
  'create-hanging-while-deleted': { exchange: 'delete-while-create-still-waits-for-wings', id: 47 },
  'create-while-install-callback-arrives-first-201': { exchange: 'remote-server-details-during-create-200' },
  'create-wings-500-after-1.5s': { exchange: 'adopt-hazard-duplicate-422-while-first-is-failing' },
  'create-slow-with-suspend-meanwhile-201': { exchange: 'suspend-during-in-flight-create-204', id: 176 },
}

/** Callers that hung up after two seconds, and how long Wings takes where it answers in the end. */
export const givenUp: Record<string, { wingsMs?: number }> = {
  'wings-create-slow-client-gives-up-after-2s': { wingsMs: 8_000 },
  'wings-create-hang-client-gives-up-after-2s': {},
}

/** What had to come about before an exchange; asked again until it does not throw. */
export const settledBefore: Record<string, (panel: Panel) => void> = {
  'hang-after-client-gave-up-get-external-late': (panel) => {
    expect(panel.state().servers.map(({ external_id }) => external_id)).not.toContain('client-gone2')
  },
}

/** Recorded one by one and yet made at the same time. */
export const concurrent: Record<string, string> = {
  'suspend-concurrent-1': 'suspend-concurrent',
  'suspend-concurrent-2': 'suspend-concurrent',
}

type ByHand = {
  before: (panel: Panel, translation: Translation) => void
  after: (panel: Panel, translation: Translation) => void
}

const set = (
  changes: Parameters<Panel['configure']>[0],
  back: Parameters<Panel['configure']>[0],
): ByHand => ({
  before: (panel) => panel.configure(changes),
  after: (panel) => panel.configure(back),
})
const node = (id: number, changes: object, back: object): ByHand => ({
  before: (panel) => panel.change({ nodes: [{ id, ...changes }] }),
  after: (panel) => panel.change({ nodes: [{ id, ...back }] }),
})
const transferring = (server: number): ByHand => ({
  before: (panel, { serverId }) => panel.change({ servers: [{ id: serverId(server), transferring: true }] }),
  after: (panel, { serverId }) => panel.change({ servers: [{ id: serverId(server), transferring: false }] }),
})
const maintenance = set({ maintenance: true }, { maintenance: false })
const databaseDown = set({ database: 'down' }, { database: 'works' })
const mailBroken = set({ mail: 'broken' }, { mail: 'works' })
const threePerMinute = set({ rateLimitPerMinute: 3 }, { rateLimitPerMinute: 240 })

/** How the recorded panel was run, or changed by hand, for one exchange. */
export const byHand: Record<string, ByHand> = {
  'suspend-transfer-409': transferring(32),
  'get-server-during-transfer-200': transferring(32),
  'deploy-on-maintenance-node-201': node(5, { maintenance_mode: true }, { maintenance_mode: false }),
  'deploy-on-non-public-node-400': node(5, { public: false }, { public: true }),
  'explicit-allocation-on-non-public-node-201': node(4, { public: false }, { public: true }),
  'panel-2fa-required-400': set({ twoFactorRequired: true }, { twoFactorRequired: false }),
  'database-down': databaseDown,
  'database-down-no-accept': databaseDown,
  'create-user-mail-broken': mailBroken,
  'remote-install-mail-broken': mailBroken,
  'ratelimit-3-per-minute-1': threePerMinute,
  'ratelimit-3-per-minute-2': threePerMinute,
  'guzzle-timeout-3-wings-hang': set({ wingsTimeoutMs: 3_000 }, { wingsTimeoutMs: 15_000 }),
  'maintenance-mode-503': maintenance,
  'maintenance-mode-no-accept-503': maintenance,
  'maintenance-mode-retry-503': maintenance,
}
