import { callService } from '../call-service.ts'
import type { Stack } from '../start-stack.ts'

/** What the demo's shop sells, and where the panel puts it. */
export const demo = {
  plan: 'minecraft-small',
  region: 'eu',
  customer: { email: 'alex@example.com', name: 'Alex Example' },
  serverName: "Alex's first server",
}

/** Registers one plan and one region with the services, as a seller does before the first sale. Doing it again changes nothing. */
export async function seedCatalogue({ services, apiKey }: Pick<Stack, 'services' | 'apiKey'>): Promise<void> {
  const put = (service: 'order' | 'provisioner', path: string, body: unknown) =>
    callService(`${services[service].url}${path}`, { method: 'PUT', body, apiKey })
  await Promise.all([
    put('order', `/admin/plans/${demo.plan}`, {
      name: 'Minecraft, small',
      amount: 999,
      currency: 'eur',
      interval: 'month',
      limits: { memory_mb: 2048, disk_mb: 10240, cpu_percent: 100 },
    }),
    put('order', `/admin/regions/${demo.region}`, { name: 'Europe' }),
    put('provisioner', `/admin/plan-specs/${demo.plan}`, {
      ptero_egg_id: 1,
      limits: { memory: 2048, swap: 0, disk: 10240, io: 500, cpu: 100 },
      environment: {},
    }),
    put('provisioner', `/admin/region-nodes/${demo.region}`, { nodes: [1, 2, 3] }),
  ])
}
