import { type ServiceName, type Stack, serviceNames } from '@spawnpoint/stack'

type Services = Stack['services']

/** What each service holds in memory, in MB, again and again until it is stopped. */
export function watchMemory(services: Services): Disposable & { seen: Record<ServiceName, number[]> } {
  const seen: Record<ServiceName, number[]> = { 'billing-gateway': [], order: [], provisioner: [] }
  const measure = () => {
    for (const name of serviceNames) seen[name].push(services[name].rssMb())
  }
  const timer = setInterval(measure, 250)
  return { seen, [Symbol.dispose]: () => clearInterval(timer) }
}

export function residentMb(services: Services): Record<ServiceName, number> {
  return {
    'billing-gateway': services['billing-gateway'].rssMb(),
    order: services.order.rssMb(),
    provisioner: services.provisioner.rssMb(),
  }
}
