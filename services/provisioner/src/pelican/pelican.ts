import { z } from '@hono/zod-openapi'
import type { Customer } from '@spawnpoint/contracts'
import { asciiEmail } from '@spawnpoint/service-kit'
import type { Panel } from '../panel-types/panel.ts'
import { PanelError } from '../panel-types/panel-error.ts'
import { checkLists } from '../pterodactyl/check-rights.ts'
import { nodeCalls } from '../pterodactyl/node-calls.ts'
import { createPanelClient, type PanelClient } from '../pterodactyl/panel-client.ts'
import { panelEgg } from '../pterodactyl/resources.ts'
import { userCalls } from '../pterodactyl/user-calls.ts'
import { usernameOf } from '../rules/panel-user.ts'
import { pelicanServerCalls } from './server-calls.ts'

/**
 * A Pelican panel by its Application API, which is Pterodactyl's but for what this folder has. Beta: never run against a real one.
 * Source: pelican-dev/panel, `app/Http/Controllers/Api/Application` and `routes/api-application.php` (1.0.0-beta38).
 */
export function createPelican(options: Parameters<typeof createPanelClient>[0] & { panel: string }): Panel {
  const client = createPanelClient(options)
  return {
    ...client,
    id: options.panel,
    probe: () => probe(client),
    checkRights: () => checkLists(client, options.panel, { eggs: '/eggs' }),
    ...pelicanServerCalls(client),
    ...userCalls(client, newUser),
    ...nodeCalls(client),
    egg: (id, { urgency } = {}) => client.find(`/eggs/${id}?include=variables`, panelEgg, { urgency }),
  }
}

/** An egg that no panel has: the list of eggs would come with all of their install scripts. */
async function probe({ call }: PanelClient): Promise<void> {
  try {
    await call('/eggs/0', z.unknown())
  } catch (error) {
    const isThere = error instanceof PanelError && error.code === 'NotFoundHttpException'
    if (!isThere || /^The route /.test(error.detail)) throw error
  }
}

/** It knows no first and last names. Source: `StoreUserRequest.php`. */
function newUser(customer: Customer) {
  return {
    email: asciiEmail(customer.email),
    username: usernameOf(customer),
    ...(customer.id === null ? {} : { external_id: customer.id }),
  }
}
