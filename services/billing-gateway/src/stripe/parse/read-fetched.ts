import type { SeenEvent } from '../../store/fetched-events.ts'
import { type Translated, translate } from './parse-event.ts'

/** What a looked-at object says; null where nobody understands it. */
export function readSeen({ body, created }: SeenEvent, livemode: boolean): Translated | null {
  try {
    return translate(JSON.parse(body), { livemode, lookedAt: created })
  } catch {
    return null
  }
}
