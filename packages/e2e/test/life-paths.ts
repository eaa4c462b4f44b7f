import type { Failpoint } from '@spawnpoint/service-kit'
import { eventually } from '@spawnpoint/stack'
import { expect } from 'vitest'
import type { Shop } from './shop.ts'

/** A path through the system on which a process may die: what comes before, what is then asked for, and where it must end. */
export type LifePath = {
  name: string
  /** What has to stand before; gives the order, where there is one. */
  begin: (shop: Shop, email: string) => Promise<string>
  go: (shop: Shop, id: string) => Promise<void>
  /** What changes outside while the process is dead. */
  meanwhile?: (shop: Shop, id: string) => void
  end: (shop: Shop, id: string) => Promise<void>
}

/** The paths of a server after the sale, and the failpoints of its panel calls on each. */
export const lifePaths: (LifePath & { points: Failpoint[] })[] = [
  {
    name: 'a failed install is tried again',
    points: ['panel.before-reinstall', 'panel.after-reinstall'],
    begin: async (shop, email) => {
      const { id, checkoutUrl } = await shop.placeOrder({ email })
      shop.panel.planInstalls({ mode: 'fail' }, id)
      unpaid.set(id, checkoutUrl)
      return id
    },
    go: async (shop, id) => void (await shop.pay(unpaid.get(id) ?? '')),
    meanwhile: (shop, id) => shop.panel.planInstalls({ mode: 'at-once' }, id),
    end: (shop, id) => shows(shop, id, { status: null }, 'provisioned'),
  },
  {
    name: 'the server is suspended',
    points: ['panel.before-suspend', 'panel.after-suspend', 'reconcile.before-record'],
    begin: bought,
    go: (shop, id) => shop.instruct(id, 'suspend'),
    end: (shop, id) => shows(shop, id, { status: 'suspended' }, 'suspended'),
  },
  {
    name: 'the server runs again',
    points: ['panel.before-unsuspend', 'panel.after-unsuspend', 'reconcile.before-record'],
    begin: async (shop, email) => {
      const id = await bought(shop, email)
      await shop.instruct(id, 'suspend')
      await shop.becomes(id, 'suspended')
      return id
    },
    go: (shop, id) => shop.instruct(id, 'resume'),
    end: (shop, id) => shows(shop, id, { status: null }, 'provisioned'),
  },
  {
    name: 'the server has its new plan',
    points: ['panel.before-resize', 'panel.between-patches', 'panel.after-resize', 'reconcile.before-record'],
    begin: bought,
    go: (shop, id) => shop.instruct(id, 'change-plan', { plan: 'large' }),
    end: (shop, id) => {
      const container = { environment: { BUILD_NUMBER: '42' } }
      return shows(shop, id, { limits: { memory: 2048 }, container }, 'provisioned')
    },
  },
  {
    name: 'the server has the game of its new plan, reinstalled once',
    points: [
      ...(['panel.before-resize', 'panel.between-patches', 'panel.after-resize'] as const),
      ...(['panel.before-reinstall', 'panel.after-reinstall'] as const),
    ],
    begin: bought,
    go: (shop, id) => shop.instruct(id, 'change-plan', { plan: 'rust', reinstall: true }),
    end: async (shop, id) => {
      await shows(shop, id, { egg: 2, status: null }, 'provisioned')
      const [server] = shop.serversOf(id)
      const asked = shop.panel
        .state()
        .wings.calls.filter(({ path }) => path.endsWith(`${server?.uuid}/reinstall`))
      expect(asked).toHaveLength(1)
    },
  },
  {
    name: 'the server has its new name',
    points: ['panel.before-rename', 'panel.after-rename', 'reconcile.before-record'],
    begin: bought,
    go: (shop, id) => shop.instruct(id, 'rename', { server_name: 'Castle' }),
    end: (shop, id) => shows(shop, id, { name: 'Castle', external_id: id }, 'provisioned'),
  },
  {
    name: 'nothing is left of the server',
    points: ['panel.before-delete', 'panel.after-delete', 'reconcile.before-record'],
    begin: bought,
    go: (shop, id) => shop.instruct(id, 'terminate'),
    end: async (shop, id) => {
      await shop.becomes(id, 'terminated', 60_000)
      expect(shop.serversOf(id)).toEqual([])
    },
  },
]

const unpaid = new Map<string, string>()

async function bought(shop: Shop, email: string): Promise<string> {
  const { id, checkoutUrl } = await shop.placeOrder({ email })
  await shop.pay(checkoutUrl)
  await shop.becomes(id, 'provisioned')
  return id
}

async function shows(shop: Shop, id: string, server: object, status: string): Promise<void> {
  await eventually(() => expect(shop.serversOf(id)).toMatchObject([server]), { timeoutMs: 60_000 })
  await shop.becomes(id, status, 60_000)
  await eventually(async () => {
    const row = await (await shop.send('provisioner', 'GET', `/servers/${id}`)).json()
    expect(row).toMatchObject({ next_attempt_at: null, error_class: null })
  })
  expect(shop.serversOf(id)).toMatchObject([server])
}
