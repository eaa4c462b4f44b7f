import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { eventually } from '@spawnpoint/stack'
import { createConnection } from 'mariadb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openShop, type Shop } from './shop.ts'

// Everything that the services wrote, answered and stored, searched for secrets.

const spare = 'spare-secret-0123456789-abcdef'
const wrongKey = 'ptla_WRONGKEY0123456789abcdef0123456789abcdef01'

let shop: Shop
const answers: string[] = []

beforeAll(async () => {
  shop = await openShop()
  const { id, checkoutUrl } = await shop.placeOrder()
  await shop.pay(checkoutUrl)
  await shop.becomes(id, 'provisioned')
  await everyTrouble()
  await everyAnswer(id)
}, 120_000)

afterAll(() => shop?.[Symbol.asyncDispose]())

test('no log contains a secret', () => {
  const { logsDir } = shop.stack
  const logs = readdirSync(logsDir).map((file) => readFileSync(join(logsDir, file), 'utf8'))
  expect(logs.join('').length).toBeGreaterThan(1_000)
  expect(logs.join('\n')).toContain('panel_auth')
  expect(secretsIn(logs)).toEqual([])
})

test('no response contains a secret', () => {
  expect(answers.length).toBeGreaterThan(25)
  expect(secretsIn(answers)).toEqual([])
})

test('no table contains an unencrypted secret', async () => {
  const dumps = await Promise.all(Object.values(shop.stack.databases).map(dump))
  expect(dumps.join('')).toContain('panel_token')
  expect(secretsIn(dumps)).toEqual([])
})

test('a leaked secret would be found', () => {
  for (const secret of secrets().values()) {
    expect(secretsIn([`… ${secret} …`])).not.toEqual([])
    expect(secretsIn([JSON.stringify({ authorization: `Bearer ${secret}` })])).not.toEqual([])
  }
})

/** Whatever makes a service write an error down. */
async function everyTrouble(): Promise<void> {
  const { panel } = shop
  const ask = (method: string, path: string, body?: unknown) => sendRequest('provisioner', method, path, body)
  const { id, checkoutUrl } = await shop.placeOrder({ email: 'b@example.com' })
  await ask('PUT', '/admin/panels/spare', { url: 'https://panel.invalid', token: spare })
  await ask('PUT', '/admin/secrets/panel_token', { value: panel.token })
  await ask('POST', '/admin/secrets/rotate')
  await ask('PUT', '/admin/secrets/panel_token', { value: wrongKey })
  await eventually(
    async () => expect(await ask('POST', '/admin/panel/check')).toContain('does not know the key'),
    { timeoutMs: 20_000, everyMs: 500 },
  )
  await shop.pay(checkoutUrl)
  await eventually(async () => expect(await ask('GET', `/servers/${id}`)).toContain('panel_auth'), {
    timeoutMs: 20_000,
  })
  panel.addFault({ when: { times: 20 }, do: { kind: 'respond', status: 200, body: '<html>' } })
  await ask('POST', '/admin/drifts/sweep')
  panel.removeFaults()
  panel.addFault({ do: { kind: 'refused' } })
  await ask('POST', '/admin/panel/check')
  panel.removeFaults()
  await ask('PUT', '/admin/secrets/panel_token', { value: panel.token })
  await shop.becomes(id, 'provisioned', 60_000)
}

async function everyAnswer(orderId: string): Promise<void> {
  for (const service of ['order', 'provisioner', 'billing-gateway'] as const) {
    for (const path of [
      '/health',
      '/readyz',
      '/openapi.json',
      '/admin/dead-letters',
      '/admin/replays',
      '/admin/audit?limit=100',
      '/none',
    ])
      await sendRequest(service, 'GET', path)
    const { url } = shop.stack.services[service]
    for (const authorization of ['Bearer wrong-secret-0123456789', `Basic ${shop.stack.apiKey}`])
      answers.push(await (await fetch(`${url}/admin/dead-letters`, { headers: { authorization } })).text())
  }
  for (const path of ['/servers', `/servers/${orderId}`, '/admin/secrets', '/admin/drifts'])
    await sendRequest('provisioner', 'GET', path)
  await sendRequest('provisioner', 'POST', '/admin/panel/check')
  await sendRequest('provisioner', 'PUT', '/admin/secrets/panel_token', { value: `${spare}\n` })
  for (const path of [`/orders/${orderId}`, '/plans']) await sendRequest('order', 'GET', path)
  const webhook = `${shop.stack.services['billing-gateway'].url}/webhooks/stripe`
  answers.push(
    await (
      await fetch(webhook, { method: 'POST', headers: { 'stripe-signature': 't=1,v1=00' }, body: '{}' })
    ).text(),
  )
}

async function sendRequest(
  service: Parameters<Shop['send']>[0],
  method: string,
  path: string,
  body?: unknown,
): Promise<string> {
  const answer = await shop.send(service, method, path, body)
  const text = `${JSON.stringify([...answer.headers])} ${await answer.text()}`
  answers.push(text)
  return text
}

async function dump(url: string): Promise<string> {
  const connection = await createConnection(url.replace(/^mysql:/, 'mariadb:'))
  try {
    const tables: Record<string, string>[] = await connection.query('SHOW TABLES')
    const rows = []
    for (const table of tables.flatMap((row) => Object.values(row)))
      rows.push(...(await connection.query(`SELECT * FROM \`${table}\``)))
    return JSON.stringify(rows, (_, value) => (typeof value === 'bigint' ? String(value) : value))
  } finally {
    await connection.end()
  }
}

function secrets(): Map<string, string> {
  const { stack, stripe, panel } = shop
  const key = readFileSync(join(stack.logsDir, '../secrets/encryption-key'), 'utf8').trim()
  return new Map([
    ['API key', stack.apiKey],
    ['panel key', panel.token],
    ['wrong panel key', wrongKey],
    ['spare secret', spare],
    ['webhook secret', stripe.webhookSecret],
    ['encryption key', key],
    ['encryption key as it is given', createHash('sha256').update(key).digest('base64')],
    ...Object.entries(stack.databases).map(
      ([schema, url]) => [`password of ${schema}`, new URL(url).password] as const,
    ),
  ])
}

/** The names of the secrets that stand in these texts, plain or in the usual disguises. */
function secretsIn(texts: string[]): string[] {
  const whole = texts.join('\n')
  return [...secrets()].flatMap(([name, secret]) => {
    const forms = [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')]
    return forms.some((form) => whole.includes(form)) ? [name] : []
  })
}
