import type Stripe from 'stripe'
import { type Account, type Cause, nobody } from '../account.ts'
import { ApiError, missing } from '../api/api-error.ts'
import type { Due } from '../clock/agenda.ts'

export function expireSession(account: Account, id: string, cause: Cause = nobody) {
  const session = currentSession(account, id)
  if (session.status !== 'open') {
    throw new ApiError(
      400,
      `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of "${session.status}".`,
    )
  }
  return expire(account, session, cause)
}

export function* sessionDues(account: Account): Generator<Due> {
  for (const session of account.sessions.all()) {
    if (session.status !== 'open') continue
    yield { at: session.expires_at, rank: 0, act: () => void expire(account, session, nobody) }
  }
}

/** The session as of now, which may be past its end before a tick has seen it. */
export function currentSession(account: Account, id: string) {
  const session = account.sessions.get(id)
  if (!session) throw missing('checkout.session', id)
  return isDue(account, session) ? expire(account, session, nobody) : session
}

function isDue(account: Account, { status, expires_at }: Stripe.Checkout.Session) {
  return status === 'open' && expires_at <= account.seconds()
}

function expire(account: Account, session: Stripe.Checkout.Session, cause: Cause) {
  const expired = account.sessions.save({ ...session, status: 'expired', url: null })
  account.emit('checkout.session.expired', expired, { cause })
  return expired
}
