import type { ServiceName } from '../service-process.ts'
import type { Stack } from '../start-stack.ts'
import type { Sale } from './sell.ts'

export type Summary = {
  orders: number
  provisioned: number
  webhookToProvisionedMs: number
  orderId: string
  services: Record<ServiceName, { readyMs: number; rssMb: number }>
  mysql: string
  nats: string
}

/** This run's sale and what it ran on, for scripts. */
export function summarise({ services, mysql, nats }: Stack, sale: Sale): Summary {
  const measured = (name: ServiceName) => ({
    readyMs: services[name].readyMs(),
    rssMb: services[name].rssMb(),
  })
  return {
    orders: 1,
    provisioned: sale.provisioned,
    webhookToProvisionedMs: sale.webhookToProvisionedMs,
    orderId: sale.orderId,
    services: {
      'billing-gateway': measured('billing-gateway'),
      order: measured('order'),
      provisioner: measured('provisioner'),
    },
    mysql: mysql.version,
    nats: nats.version,
  }
}
