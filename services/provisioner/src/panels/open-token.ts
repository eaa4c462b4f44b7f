import { keySecret } from '../panel-types/main-panel.ts'
import { PanelError } from '../panel-types/panel-error.ts'
import { decryptSecret, type KeyRing, type Sealed } from '../rules/key-ring.ts'

/** The key for a panel as it was kept; a `PanelError` where no key of ours opens it. */
export function openToken(ring: KeyRing, panelId: string, sealed: Sealed): string {
  const name = keySecret(panelId)
  try {
    return decryptSecret(ring, name, sealed)
  } catch (cause) {
    const detail = `The secret ${name} cannot be read: it was encrypted with the key ${sealed.keyId}. Add that key to SECRETS_KEYS, or set the secret again.`
    throw new PanelError('The key', { kind: 'http', status: 401, detail }, { cause })
  }
}
