import { startPanel } from '@spawnpoint/panel-simulator'
import { eventually } from '@spawnpoint/stack'
import { afterEach, expect, test } from 'vitest'
import { openSeller, paidOrder, type Seller } from './seller.ts'

// What stands in front of a panel, or where the panel should be: told apart, in the same words wherever a seller looks.

let seller: Seller

afterEach(() => seller[Symbol.asyncDispose]())

const atOnce = { install: { mode: 'at-once' } } as const

const fronts = [
  [
    'cloudflare-challenge',
    'panel_challenge',
    /Cloudflare in front of {target} answered 403 with a page for browsers/,
  ],
  ['cloudflare-block', 'panel_challenge', /Cloudflare in front of {target}/],
  ['cloudflare-521', 'panel_proxy', /Cloudflare in front of {target} answered 521: .*refuses connections/],
  ['ddos-guard', 'panel_challenge', /protection service in front of {target}/],
  ['nginx-404', 'panel_address', /\(nginx\) at {target} has nothing there.*PANEL_URL/],
  ['nginx-502', 'panel_proxy', /\(nginx\) at {target} answered 502 Bad Gateway.*php-fpm/],
  ['nginx-welcome', 'panel_address', /{target} answered 200 .*"Welcome to nginx!".*PANEL_URL/],
  [
    'https-redirect',
    'panel_redirects',
    /{target} redirects \(301\) to https:.*set the address to https:.*PANEL_URL/,
  ],
  ['name-redirect', 'panel_redirects', /set the address to https:\/\/panel\.example\.com\./],
  ['login-redirect', 'panel_redirects', /login page for browsers.*Authorization/],
  ['access-redirect', 'panel_redirects', /login service stands in front/],
  ['maintenance-page', 'panel_proxy', /answered 503 Service Unavailable.*maintained/],
] as const

test.each(fronts)(
  '%s is named in the check, in health and in the order, and goes by itself',
  async (as, name, words) => {
    seller = await openSeller(atOnce)
    seller.panel.addFault({ do: { kind: 'front', as } })
    const expected = expect.stringMatching(words.source.replace('{target}', seller.panel.url))
    expect(await check()).toEqual({
      ok: false,
      findings: [{ level: 'error', what: 'panel', message: expected }],
    })
    await seller.sell(paidOrder('o-1'))
    await eventually(async () =>
      expect(await seller.serverOf('o-1')).toMatchObject({ errorClass: name, errorMessage: expected }),
    )
    expect(await health()).toMatchObject({ status: 'degraded', failing: { panel: expected } })
    seller.panel.removeFaults()
    await seller.provisioned('o-1', 20_000)
    expect(seller.onPanel('o-1')).toHaveLength(1)
    expect(await seller.serverOf('o-1')).toMatchObject({ errorMessage: null })
  },
)

test('maintenance is called maintenance', async () => {
  seller = await openSeller(atOnce)
  seller.panel.configure({ maintenance: true })
  const expected = expect.stringContaining(`${seller.panel.url} is in maintenance mode`)
  expect(await check()).toMatchObject({ findings: [{ message: expected }] })
  await seller.sell(paidOrder('o-1'))
  await eventually(async () =>
    expect(await seller.serverOf('o-1')).toMatchObject({
      errorClass: 'panel_maintenance',
      errorMessage: expected,
    }),
  )
  seller.panel.configure({ maintenance: false })
  await seller.provisioned('o-1', 20_000)
})

test.each([
  ['/panel', 'panel_address', /with the pages of a panel for browsers.*without \/panel\?/],
  ['/api', 'panel_address', /A panel answers at .*\/api, but has no API there.*without \/api\?/],
  ['/api/application', 'panel_address', /A panel answers at .*without \/api\/application\?/],
] as const)(
  'a panel address with the path %s is called that, and nothing counts as gone there',
  async (path, name, words) => {
    await using panel = await startPanel()
    seller = await openSeller({ env: { PANEL_URL: `${panel.url}${path}`, PANEL_TOKEN: panel.token } })
    expect(await check()).toMatchObject({
      ok: false,
      findings: [{ what: 'panel', message: expect.stringMatching(words) }],
    })
    await seller.sell(paidOrder('o-1'))
    await eventually(async () =>
      expect(await seller.serverOf('o-1')).toMatchObject({
        errorClass: name,
        errorMessage: expect.stringMatching(words),
      }),
    )
    expect(await health()).toMatchObject({ failing: { panel: expect.stringMatching(words) } })
    expect(panel.state().servers).toEqual([])
  },
)

test('the password in the address of a panel is shown nowhere', async () => {
  await using panel = await startPanel()
  const PANEL_URL = panel.url.replace('http://', 'http://user:hunter2@')
  seller = await openSeller({ env: { PANEL_URL } })
  seller.panel.addFault({ do: { kind: 'front', as: 'nginx-502' } })
  await seller.sell(paidOrder('o-1'))
  await eventually(async () =>
    expect(await seller.serverOf('o-1')).toMatchObject({ errorClass: expect.any(String) }),
  )
  const said = [await check(), await health(), await seller.serverOf('o-1')]
  expect(JSON.stringify(said)).not.toContain('hunter2')
})

test('panel 1.12 sells, changes owners and ends as 1.11 does', async () => {
  seller = await openSeller({ ...atOnce, version: '1.12', rateLimitPerMinute: 240 })
  await seller.sell(paidOrder('o-1'))
  await seller.provisioned('o-1')
  const customer = { id: null, email: 'other@example.com', name: 'Other' }
  await seller.sell(paidOrder('o-1', { version: 3, customer }), 'order.changed')
  await eventually(() =>
    expect(seller.panel.state().wings.calls.map(({ path }) => path)).toContain('/api/deauthorize-user'),
  )
  const ended = { version: 4, customer, desired: 'terminated', status: 'cancelled' } as const
  await seller.sell(paidOrder('o-1', ended), 'order.ended')
  await seller.becomes('o-1', 'terminated')
  expect(seller.panel.state()).toMatchObject({ servers: [], throttled: 0 })
})

type Checked = { ok: boolean; findings: { level: string; what: string; message: string }[] }

async function check(): Promise<Checked> {
  return (await (await seller.send('POST', '/admin/panel/check')).json()) as Checked
}

async function health(): Promise<object> {
  return (await (await seller.send('GET', '/health')).json()) as object
}
