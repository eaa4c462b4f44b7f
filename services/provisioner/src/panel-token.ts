import type { PrismaClient } from './generated/client.ts'
import { decryptSecret, type KeyRing } from './key-ring.ts'
import { PanelError } from './panel/panel-error.ts'

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
    const token = secret ? open(ring, secret) : (fallback ?? '')
    kept = { token, until: Date.now() + keepMs }
    return token
  }
}

function open(ring: KeyRing, secret: { ciphertext: string; keyId: string }): string {
  try {
    return decryptSecret(ring, 'panel_token', secret)
  } catch (cause) {
    const detail = `The secret panel_token cannot be read: it was encrypted with the key ${secret.keyId}. Add that key to SECRETS_KEYS, or set the secret again.`
    throw new PanelError('The key', { kind: 'http', status: 401, detail }, { cause })
  }
}
