import { type Reserve, reserve } from '@spawnpoint/contracts'
import { RequestRefused } from '@spawnpoint/messaging'
import { Problem } from '@spawnpoint/service-kit'
import { askProvisioner, type HoldContext } from '../peers/provisioner.ts'

/** A place for the order's server is held until then, or nobody may pay for it. */
export async function holdPlace(context: HoldContext, request: Reserve): Promise<void> {
  try {
    await askProvisioner(context, reserve, request)
  } catch (error) {
    if (!(error instanceof RequestRefused)) throw error
    throw new Problem(409, error.code, `This cannot be sold now. ${error.message}`)
  }
}
