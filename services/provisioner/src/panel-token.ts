import type { PrismaClient } from './generated/client.ts'
import { decryptSecret, type KeyRing } from './key-ring.ts'

const keepMs = 5_000

/** The key for the panel: the secret `panel_token`, else the one from the environment. A new secret counts within 5 s. */
export function createPanelToken({
  prisma,
  ring,
  fallback,
}: {
  prisma: PrismaClient
  ring: KeyRing
  fallback: string | undefined
}): () => Promise<string> {
  let kept = { token: '', until: 0 }

  return async () => {
    if (kept.until > Date.now()) return kept.token
    const secret = await prisma.secret.findUnique({ where: { name: 'panel_token' } })
    const token = secret ? decryptSecret(ring, 'panel_token', secret) : (fallback ?? '')
    kept = { token, until: Date.now() + keepMs }
    return token
  }
}
