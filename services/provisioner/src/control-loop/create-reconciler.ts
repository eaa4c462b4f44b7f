import { createCreateServer } from './create-server.ts'
import { createDriveServer, type DriveServer } from './reconcile-server.ts'
import { createRenameServer } from './rename-server.ts'
import { createResizeServer } from './resize-server.ts'

type Parts = Parameters<typeof createDriveServer>[0] &
  Parameters<typeof createCreateServer>[0] &
  Parameters<typeof createResizeServer>[0] &
  Parameters<typeof createRenameServer>[0]

/** Whoever drives the servers of one panel. */
export function createDriver(
  deps: Omit<Parts, 'createServer' | 'resizeServer' | 'renameServer'>,
): DriveServer {
  return createDriveServer({
    ...deps,
    createServer: createCreateServer(deps),
    resizeServer: createResizeServer(deps),
    renameServer: createRenameServer(deps),
  })
}
