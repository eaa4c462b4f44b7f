import type { OrderState } from '@spawnpoint/contracts'
import type { NewServer } from '../panel-types/panel.ts'
import type { PanelEgg } from '../panel-types/resources.ts'
import { eggEnvironment } from './egg-environment.ts'
import { imageOf, startupOf } from './egg-rules/egg-image.ts'
import type { SettledSpec } from './plan-spec.ts'
import type { Placement } from './reservations.ts'

/** What the panel is asked for. It takes neither image nor startup nor defaults from the egg by itself. */
export function createServerBody({
  order,
  spec,
  egg,
  userId,
  place: placement,
}: {
  order: OrderState
  spec: SettledSpec
  egg: PanelEgg
  userId: number
  place: Placement
}): NewServer {
  const [own, ...extra] = placement.ports
  if (!own) throw new Error(`Order ${order.order_id} was placed without a port`)
  return {
    external_id: order.order_id,
    name: order.server_name,
    description: `Order ${order.order_id}`,
    user: userId,
    egg: spec.ptero_egg_id,
    docker_image: imageOf(egg, spec),
    startup: startupOf(egg, spec),
    environment: eggEnvironment(egg, spec.environment, order.environment, portVariables(spec, extra)),
    limits: spec.limits,
    feature_limits: spec.feature_limits,
    oom_disabled: false,
    allocation: {
      default: own.id,
      ...(extra.length > 0 ? { additional: extra.map(({ id }) => id) } : {}),
    },
  }
}

function portVariables({ ports }: SettledSpec, extra: Placement['ports']): Record<string, string> {
  return Object.fromEntries(ports.map(({ variable }, index) => [variable, String(extra[index]?.port ?? '')]))
}
