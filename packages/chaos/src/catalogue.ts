import { allocationRange, demoPanel, type PanelSetup } from '@spawnpoint/panel-simulator'
import type { Stack } from '@spawnpoint/stack'

/** What is for sale, as the seller tells the services. */
export const plans = {
  once: { name: 'Paid once', amount: 999, currency: 'eur', interval: null, memoryMb: 1_024 },
  monthly: { name: 'By the month', amount: 1_499, currency: 'eur', interval: 'month', memoryMb: 2_048 },
  'monthly-large': { name: 'Large', amount: 2_499, currency: 'eur', interval: 'month', memoryMb: 3_072 },
} as const
export type PlanId = keyof typeof plans
export type MonthlyPlanId = Exclude<PlanId, 'once'>

/** In days; short, so that few steps of the clock pass each of them. */
export const policy = { grace_days: 0.5, warn_days: 0.25, retention_days: 2 }

export const region = 'eu'
const nodes = [1, 2, 3]

export async function tellCatalogue({ services, apiKey }: Pick<Stack, 'services' | 'apiKey'>): Promise<void> {
  const put = async (service: 'order' | 'provisioner', path: string, body: unknown) => {
    const response = await fetch(`${services[service].url}${path}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (!response.ok) throw new Error(`PUT ${path} was answered ${response.status}: ${await response.text()}`)
  }
  await put('order', `/admin/regions/${region}`, { name: 'Europe' })
  await put('provisioner', `/admin/region-nodes/${region}`, { nodes })
  for (const [id, { memoryMb, ...plan }] of Object.entries(plans)) {
    await put('order', `/admin/plans/${id}`, { ...plan, policy })
    await put('provisioner', `/admin/plan-specs/${id}`, {
      ptero_egg_id: 1,
      limits: { memory: memoryMb, swap: 0, disk: 5_120, io: 500, cpu: 100 },
      environment: {},
    })
  }
}

/** The demo's panel with room and ports for every order on any one node: a full panel is another story. */
export function roomyPanel(orders: number): PanelSetup {
  const environment = demoPanel()
  const ports = orders + 50
  return {
    ...environment,
    nodes: environment.nodes.map((node) => ({ ...node, memory: orders * 4_096, disk: orders * 10_240 })),
    allocations: nodes.flatMap((node) =>
      allocationRange({
        firstId: (node - 1) * ports + 1,
        node,
        ip: `203.0.113.${node}`,
        firstPort: 10_000,
        count: ports,
      }),
    ),
  }
}
