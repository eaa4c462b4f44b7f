export type Vendors = {
  stripe:
    | { kind: 'simulated' }
    | { kind: 'real'; secretKey: string; webhookSecret: string; apiUrl?: string; live: boolean }
  panel: { kind: 'simulated' } | { kind: 'real'; url: string; token: string }
}

/** Real Stripe or panel where the environment has both halves of its credentials, simulated where it has neither. */
export function chooseVendors(env: Record<string, string | undefined>): Vendors {
  const vendors = { stripe: chooseStripe(env), panel: choosePanel(env) }
  if (env.SPAWNPOINT_ALLOW_MIXED !== 'yes') refuseMixed(vendors)
  return vendors
}

/** Nobody's money and nobody's servers: a sale may be made just to show it. */
export function isDemo({ stripe, panel }: Vendors): boolean {
  return stripe.kind === 'simulated' && panel.kind === 'simulated'
}

function chooseStripe({
  STRIPE_SECRET_KEY: secretKey,
  STRIPE_WEBHOOK_SECRET: webhookSecret,
  STRIPE_API_URL: apiUrl,
}: Record<string, string | undefined>): Vendors['stripe'] {
  if (!secretKey && !webhookSecret) return { kind: 'simulated' }
  if (!secretKey)
    throw new Error(
      'STRIPE_WEBHOOK_SECRET is given without STRIPE_SECRET_KEY: give both, or neither for simulated Stripe',
    )
  if (!webhookSecret)
    throw new Error(
      'STRIPE_SECRET_KEY is given without STRIPE_WEBHOOK_SECRET: give both, or neither for simulated Stripe',
    )
  if (!/^[sr]k_(test|live)_\S+$/.test(secretKey))
    throw new Error(
      "STRIPE_SECRET_KEY must begin with sk_test_, sk_live_, rk_test_ or rk_live_: Stripe's dashboard, Developers, API keys",
    )
  if (!webhookSecret.split(',').every((secret) => /^\s*whsec_\S+\s*$/.test(secret)))
    throw new Error(
      "STRIPE_WEBHOOK_SECRET must begin with whsec_: Stripe's dashboard, Developers, Webhooks, your endpoint's signing secret",
    )
  return {
    kind: 'real',
    secretKey,
    webhookSecret,
    live: /^(sk|rk)_live_/.test(secretKey),
    ...(apiUrl ? { apiUrl } : {}),
  }
}

function choosePanel({
  PANEL_URL: url,
  PANEL_TOKEN: token,
}: Record<string, string | undefined>): Vendors['panel'] {
  if (!url && !token) return { kind: 'simulated' }
  if (!url)
    throw new Error('PANEL_TOKEN is given without PANEL_URL: give both, or neither for a simulated panel')
  if (!token)
    throw new Error('PANEL_URL is given without PANEL_TOKEN: give both, or neither for a simulated panel')
  if (!/^https?:\/\//.test(url) || !URL.canParse(url))
    throw new Error(`PANEL_URL must be the panel's address, such as https://panel.example.com; it is ${url}`)
  if (token.startsWith('ptlc_'))
    throw new Error(
      "PANEL_TOKEN is a client key (ptlc_…): an application key is needed, from the panel's admin area, Application API",
    )
  return { kind: 'real', url, token }
}

function refuseMixed({ stripe, panel }: Vendors): void {
  if (stripe.kind === 'real' && stripe.live && panel.kind === 'simulated') {
    throw new Error(
      'Refused: the Stripe key is live but the panel is simulated. Customers would pay real money for servers that do not exist. ' +
        'Give PANEL_URL and PANEL_TOKEN, use a test key (sk_test_…), or set SPAWNPOINT_ALLOW_MIXED=yes.',
    )
  }
  if (stripe.kind === 'simulated' && panel.kind === 'real') {
    throw new Error(
      'Refused: the panel is real but the money is simulated. Anyone who can reach the simulated pay page would get real servers for nothing. ' +
        'Give STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET (a test key will do), or set SPAWNPOINT_ALLOW_MIXED=yes.',
    )
  }
}
