import type { OrderState } from '@spawnpoint/contracts'
import type { Build } from '../panel-types/panel.ts'
import type { PanelEgg, PanelServer } from '../panel-types/resources.ts'
import { eggEnvironment } from './egg-environment.ts'
import { imageOf, startupOf } from './egg-rules/egg-image.ts'
import { isRepair, type LastApplied } from './last-applied.ts'
import type { PlanSpec, SettledSpec } from './plan-spec.ts'

/** Everything that the panel requires with new limits; what no plan sets stays as it is. */
export function buildBody(found: PanelServer, { limits, feature_limits }: PlanSpec): Build {
  const { threads, oom_disabled } = found.limits
  return { allocation: found.allocation, oom_disabled, limits: { ...limits, threads }, feature_limits }
}

/**
 * What another plan changes in how the server starts; null when that is nothing. What the customer has set by himself stays, but
 * for what the plan or the order sets differently than before.
 */
export function startupBody({
  found,
  egg,
  order,
  spec,
  built,
  specBefore,
  ports = {},
}: {
  found: PanelServer
  egg: PanelEgg
  order: Pick<OrderState, 'environment'>
  spec: SettledSpec
  built: LastApplied
  /** Of the last-applied plan, where it is still known. */
  specBefore: SettledSpec | undefined
  /** The variables that name its ports, which nothing overrides. */
  ports?: Record<string, string>
}) {
  const { container } = found
  const isOther = spec.ptero_egg_id !== found.egg
  const image = imageOf(egg, spec)
  const startup = startupOf(egg, spec)
  const body = {
    egg: spec.ptero_egg_id,
    image: isOther || spec.docker_image !== specBefore?.docker_image ? image : container.image,
    startup: isOther || spec.startup !== specBefore?.startup ? startup : container.startup_command,
    environment: isOther
      ? eggEnvironment(egg, spec.environment, order.environment, ports)
      : environmentAfter({ found, egg, order, spec, built, specBefore, ports }),
    skip_scripts: false,
  }
  const isSame =
    !isOther &&
    body.image === container.image &&
    body.startup === container.startup_command &&
    Object.entries(body.environment).every(([name, value]) => value === shown(found, name))
  return isSame ? null : body
}

type Known = Parameters<typeof startupBody>[0]

function environmentAfter({
  found,
  egg,
  order,
  spec,
  built,
  specBefore,
  ports = {},
}: Known): Record<string, string> {
  const before = { ...specBefore?.environment, ...built.environment }
  const after = { ...spec.environment, ...order.environment }
  // What named a port that the plan no longer has.
  const isFreed = (name: string) => specBefore?.ports.some(({ variable }) => variable === name) ?? false
  const isFixed = (name: string) => before[name] === after[name] && !isFreed(name)
  // A repair applies the plan again, but for what customers may have changed by themselves.
  const isCustomers = (name: string) => isRepair(built) && shown(found, name) !== ''
  return Object.fromEntries(
    egg.relationships.variables.map(({ env_variable: name, default_value, user_editable }) => [
      name,
      ports[name] ??
        (isFixed(name) || (user_editable && isCustomers(name))
          ? shown(found, name)
          : (after[name] ?? default_value ?? '')),
    ]),
  )
}

function shown({ container }: PanelServer, name: string): string {
  return String(container.environment[name] ?? '')
}
