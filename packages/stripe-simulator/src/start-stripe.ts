import { runDue } from './clock/run-due.ts'
import type { StripeControl } from './control/control.ts'
import { createStripeAccount, type StripeAccountOptions } from './create-stripe-account.ts'
import { listen } from './listen.ts'

export type StripeOptions = StripeAccountOptions & {
  /** 0 or nothing: any free port. */
  port?: number
  host?: string
}

export type StripeSimulator = AsyncDisposable &
  StripeControl & { url: string; secretKey: string; webhookSecret: string; close: () => Promise<void> }

/** A Stripe on a real port: `new Stripe(secretKey, { host, port, protocol: 'http' })` does not see the difference. */
export async function startStripe({
  port = 0,
  host = '127.0.0.1',
  ...options
}: StripeOptions = {}): Promise<StripeSimulator> {
  const { account, serve, closeDeliveries, ...control } = createStripeAccount(options)
  const server = await listen(serve, { port, host })
  const ticking = setInterval(() => runDue(account), 1000)
  const close = async () => {
    clearInterval(ticking)
    closeDeliveries()
    await server.close()
  }
  const url = options.publicUrl ?? `http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${server.port}`
  return { ...control, url, close, [Symbol.asyncDispose]: close }
}
