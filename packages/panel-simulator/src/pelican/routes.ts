import { allocationRoutes } from '../api/allocations.ts'
import { nodeRoutes } from '../api/nodes.ts'
import { serverRoutes } from '../api/servers.ts'
import { takenBy, userRoutes } from '../api/users.ts'
import { ok } from '../http/answer.ts'
import { missing } from '../http/errors.ts'
import { boundRoute, type Route, route } from '../http/route.ts'
import { show } from '../http/show.ts'
import type { PanelContext } from '../panel-context.ts'
import type { User } from '../tables/rows.ts'
import type { Rules } from '../validation/validate.ts'
import { pelicanServers } from './servers.ts'
import { pelicanEggShape, pelicanNodeShape, pelicanServerShape, pelicanUserShape } from './shapes.ts'

/**
 * A Pelican panel's routes: no nests and no locations, eggs of their own. Source: pelican-dev/panel 1.0.0-beta38,
 * `routes/api-application.php`. Read from its source, never compared with a running one.
 */
export function pelicanRoutes(panel: PanelContext): Route[] {
  const { tables } = panel
  return [
    ...serverRoutes(panel, { ...pelicanServers(panel), shape: pelicanServerShape(tables) }),
    ...userRoutes(panel, { shape: pelicanUserShape(tables), rules: userRules }),
    ...nodeRoutes(panel, pelicanNodeShape(tables)),
    ...allocationRoutes(panel),
    ...eggRoutes(panel),
  ]
}

function eggRoutes({ tables: { eggs, ...tables } }: PanelContext): Route[] {
  const shape = pelicanEggShape({ eggs, ...tables })
  return [
    // All of them, without pages.
    route('GET', 'eggs', ['eggs', 'read'], (call) =>
      ok({ object: 'list', data: eggs.all().map((egg) => show(call, shape, egg)) }),
    ),
    boundRoute(
      'GET',
      'eggs/:egg',
      ['eggs', 'read'],
      ({ egg = '' }) => eggs.find(Number(egg)) ?? missing(),
      (call, egg) => ok(show(call, shape, egg)),
    ),
  ]
}

/** Without names, and any word as a username. Source: `User::$validationRules`, `StoreUserRequest.php`. */
function userRules({ tables }: PanelContext, self?: User): Rules {
  const taken = takenBy(tables, self)
  return [
    ['email', 'required|email|between:1,255', taken('email')],
    ['external_id', 'sometimes|nullable|string|max:255', taken('external_id')],
    ['username', 'required|between:1,255', taken('username')],
    ['password', 'sometimes|nullable|string'],
    ['language', 'string'],
  ]
}
