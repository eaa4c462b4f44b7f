import { allocationRange, demoPanel, type PanelSetup } from '@spawnpoint/panel-simulator'
import type { Stack } from '@spawnpoint/stack'

/** The one thing that is for sale. */
export const sold = {
  plan: 'small',
  region: 'eu',
  amount: 999,
  currency: 'eur',
  egg: 1,
  memory: 1_024,
  disk: 5_120,
}

export async function registerCatalogue(
  { services, apiKey }: Pick<Stack, 'services' | 'apiKey'>,
  nodes: number[],
): Promise<void> {
  const { plan, region, amount, currency, egg, memory, disk } = sold
  const put = async (service: 'order' | 'provisioner', path: string, body: unknown) => {
    const response = await fetch(`${services[service].url}/admin/${path}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    if (!response.ok) throw new Error(`PUT ${path} was answered ${response.status}: ${await response.text()}`)
  }
  await put('order', `regions/${region}`, { name: 'Europe' })
  await put('order', `plans/${plan}`, { name: 'Small', amount, currency, interval: null })
  await put('provisioner', `region-nodes/${region}`, { nodes })
  await put('provisioner', `plan-specs/${plan}`, {
    ptero_egg_id: egg,
    limits: { memory, swap: 0, disk, io: 500, cpu: 100 },
    environment: {},
  })
}

/** A panel with so many nodes, numbered from 1, each with so many ports and room for a server on each of them. */
export function roomyNodes({ nodes, portsEach }: { nodes: number; portsEach: number }): PanelSetup {
  const ids = Array.from({ length: nodes }, (_, index) => index + 1)
  return {
    ...demoPanel(),
    nodes: ids.map((id) => ({
      id,
      location_id: 1,
      name: `node-${id}`,
      memory: portsEach * sold.memory,
      disk: portsEach * sold.disk,
    })),
    allocations: ids.flatMap((id) =>
      allocationRange({
        firstId: (id - 1) * portsEach + 1,
        node: id,
        ip: `203.0.113.${id}`,
        firstPort: 10_000,
        count: portsEach,
      }),
    ),
  }
}
