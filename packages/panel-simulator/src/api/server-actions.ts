import { PanelError } from '../http/errors.ts'
import type { PanelContext } from '../panel-context.ts'
import type { Server } from '../tables/rows.ts'

/** A server that is already so is left alone, without a word to Wings; one that is being installed loses that status. */
export async function setSuspended(
  { wings, pause, now }: PanelContext,
  server: Server,
  suspended: boolean,
): Promise<void> {
  if (suspended === (server.status === 'suspended')) return
  await pause()
  if (server.transferring) {
    throw new PanelError(
      409,
      'ConflictHttpException',
      'Cannot toggle suspension status on a server that is currently being transferred.',
    )
  }
  server.status = suspended ? 'suspended' : null
  server.updated_at = now()
  try {
    await wings.sync(server)
  } catch (error) {
    // Not what it was before: an installing server comes out as installed.
    server.status = suspended ? null : 'suspended'
    throw error
  }
}

/** Also of a suspended server, which is no longer suspended afterwards. */
export async function reinstall({ wings, installs, now }: PanelContext, server: Server): Promise<void> {
  await wings.reinstall(server)
  server.status = 'installing'
  server.updated_at = now()
  installs.begin(server, true)
}

/** What Wings does not know counts as deleted; by force, so does everything else. */
export async function deleteServer(
  { tables, wings, installs }: PanelContext,
  server: Server,
  { force }: { force: boolean },
): Promise<void> {
  try {
    await wings.delete(server)
  } catch (error) {
    if (!(error instanceof PanelError)) throw error
    if (error.status !== 404 && !force) throw error
  }
  installs.abort(server)
  tables.deleteServer(server.id)
}
