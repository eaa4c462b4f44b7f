import type { PanelError } from './panel-error.ts'

export type Verdict = {
  /**
   * `retry`: answered, and nothing was done; it may go well later. `look-again`: nobody knows what was done, or
   * somebody was quicker. `permanent`: it will be refused again until a person changes something.
   */
  kind: 'retry' | 'look-again' | 'permanent'
  class: string
  message: string
}

/** What an error of the panel means. Its code is asked first: the status of a daemon's error is the daemon's. */
export function classifyError(error: PanelError): Verdict {
  if (error.kind === 'unreachable') return lookAgain('panel_unreachable', error.detail)
  if (error.kind === 'timeout') return lookAgain('panel_timeout', error.detail)
  if (error.code === 'DaemonConnectionException')
    return lookAgain('node_unreachable', `The node's Wings did not do it: ${error.detail}`)
  if (error.code === 'ValidationException') return refusedBody(error)
  if (error.code === 'DataValidationException' && error.detail.includes('allocation_id'))
    return lookAgain('allocation_taken', error.detail)
  if (error.code === 'TwoFactorAuthRequiredException') return badKey(error)
  const status = error.status ?? 0
  if (status === 401 || status === 403) return badKey(error)
  if (status === 429) return retry('panel_rate_limit', 'The panel asks for fewer calls a minute')
  if (status >= 500) return lookAgain('panel_error', error.message)
  if (error.kind === 'not_json') return retry('panel_answer', error.message)
  if (status === 409) return retry('panel_conflict', error.message)
  return permanent('panel_refused', error.message)
}

function refusedBody(error: PanelError): Verdict {
  const taken = error.fields.some(({ rule }) => rule === 'unique')
  // Asked for only where nobody is found: another customer has it in other letters.
  if (taken && error.call === 'POST /users')
    return permanent(
      'customer_taken',
      `The panel takes this customer for another one's user: ${error.detail} It sees no difference in case and accents. ` +
        'Change that user on the panel, then provision the order again.',
    )
  if (taken) return lookAgain('already_there', error.detail)
  const fields = error.fields.map(({ field }) => field)
  if (fields.length > 0 && fields.every((field) => field.startsWith('allocation')))
    return lookAgain('allocation_taken', error.detail)
  if (fields.length > 0 && fields.every((field) => field === 'egg'))
    return permanent(
      'egg_missing',
      "The panel no longer has the egg: correct the plan's spec, then provision the order again.",
    )
  if (fields.includes('user')) return lookAgain('user_gone', error.detail)
  return permanent(
    'panel_refused',
    `The panel refuses the server: ${error.detail} Correct the plan's spec or the egg, then provision it again.`,
  )
}

function badKey(error: PanelError): Verdict {
  return retry(
    'panel_auth',
    `The panel does not let us in: ${error.detail} Check PANEL_TOKEN (an Application API key of an administrator ` +
      'that reads nodes, allocations, nests and eggs and reads and writes servers and users).',
  )
}

function retry(name: string, message: string): Verdict {
  return { kind: 'retry', class: name, message }
}

function lookAgain(name: string, message: string): Verdict {
  return { kind: 'look-again', class: name, message }
}

function permanent(name: string, message: string): Verdict {
  return { kind: 'permanent', class: name, message }
}
