import { type Creation, createServer } from '../api/create-server.ts'
import { createRules } from '../api/server-rules.ts'
import type { ServerBehaviour } from '../api/servers.ts'
import { updateBuild, updateDetails, updateStartup } from '../api/update-server.ts'
import { PanelError, unexpected } from '../http/errors.ts'
import type { PanelContext } from '../panel-context.ts'
import type { Server } from '../tables/rows.ts'
import { type Input, integerAt, isTrueAt, lookUp } from '../validation/input.ts'

/** Source: pelican-dev/panel, `app/Services/Servers` and `app/Http/Requests/Api/Application/Servers`. */
export function pelicanServers(panel: PanelContext): Omit<ServerBehaviour, 'shape'> {
  return {
    create: (body) => createServer(panel, withDefaults(panel, body), pelicanCreation),
    updateDetails: (server, body) => updateDetails(panel, server, body),
    updateBuild: (server, body) => updateBuild(panel, server, buildOf(body), unlessUnanswered),
    updateStartup: (server, body) =>
      updateStartup(panel, server, { startup: server.startup, image: server.image, ...body }),
    setSuspended: (server, suspended) => setSuspended(panel, server, suspended),
    reinstall: (server) => reinstall(panel, server),
    remove: (server, options) => deleteServer(panel, server, options),
  }
}

const pelicanCreation: Creation = {
  rules: createRules,
  additional: 'free',
  // Only what got no answer is removed again: the row of what Wings refused stays, and nobody installs it.
  async refused({ tables }, server, error) {
    if (isUnanswered(error)) tables.deleteServer(server.id)
    return asPelican(error)
  },
}

/** What is left out comes from the egg; `oom_disabled` is not read. */
function withDefaults({ tables }: PanelContext, { oom_disabled, ...body }: Input): Input {
  if (lookUp(body, 'deploy').present)
    throw new PanelError(501, 'NotSimulated', 'The simulated Pelican panel does not deploy.')
  const egg = tables.eggs.find(integerAt(body, 'egg') ?? 0)
  return {
    ...(egg && { docker_image: Object.values(egg.docker_images)[0], startup: egg.startup }),
    ...body,
    oom_disabled: !isTrueAt(body, 'oom_killer'),
  }
}

// The key is read whether it was sent or not (`validated`), and limits count only in their box.
function buildOf({ oom_disabled, memory, swap, io, cpu, threads, disk, ...body }: Input): Input {
  if (!lookUp(body, 'allocation').present) throw unexpected('ErrorException')
  const killer = lookUp(body, 'oom_killer')
  return killer.present ? { ...body, oom_disabled: !isTrueAt(body, 'oom_killer') } : body
}

/** The new status is written first, and stays whatever Wings says. */
async function setSuspended(
  { wings, pause, now }: PanelContext,
  server: Server,
  suspended: boolean,
): Promise<void> {
  if (suspended === (server.status === 'suspended')) return
  await pause()
  if (server.transferring)
    throw new PanelError(
      409,
      'ConflictHttpException',
      'Cannot toggle suspension status on a server that is currently being transferred.',
    )
  server.status = suspended ? 'suspended' : null
  server.updated_at = now()
  await asPelicanWould(wings.sync(server))
}

async function reinstall({ wings, installs, now }: PanelContext, server: Server): Promise<void> {
  await asPelicanWould(wings.reinstall(server))
  server.status = 'installing'
  server.updated_at = now()
  installs.begin(server, true)
}

/** Whatever Wings answers, the server is deleted; only no answer keeps it, unless by force. */
async function deleteServer(
  { tables, wings, installs }: PanelContext,
  server: Server,
  { force }: { force: boolean },
): Promise<void> {
  try {
    await wings.delete(server)
  } catch (error) {
    if (!(error instanceof PanelError)) throw error
    if (isUnanswered(error) && !force) throw asPelican(error)
  }
  installs.abort(server)
  tables.deleteServer(server.id)
}

// Only no answer is ignored (`BuildModificationService.php`); what Wings refuses is an error after the change.
async function unlessUnanswered(call: Promise<void>): Promise<void> {
  try {
    await call
  } catch (error) {
    if (!(error instanceof PanelError)) throw error
    if (!isUnanswered(error)) throw asPelican(error)
  }
}

async function asPelicanWould(call: Promise<void>): Promise<void> {
  try {
    await call
  } catch (error) {
    throw error instanceof PanelError ? asPelican(error) : error
  }
}

/** The status that Pterodactyl gives to a node that did not answer. */
function isUnanswered({ status }: PanelError): boolean {
  return status === 504
}

function asPelican(error: PanelError): PanelError {
  return unexpected(isUnanswered(error) ? 'ConnectionException' : 'RequestException')
}
