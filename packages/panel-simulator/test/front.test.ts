import { expect, test } from 'vitest'
import { startPanel } from '../src/index.ts'
import { createCaller } from './caller.ts'

test.each([
  ['cloudflare-challenge', 403, { 'cf-mitigated': 'challenge', server: 'cloudflare' }],
  ['cloudflare-521', 521, { server: 'cloudflare' }],
  ['nginx-502', 502, { server: 'nginx' }],
  ['login-redirect', 302, { location: '/auth/login' }],
  ['maintenance-page', 503, {}],
] as const)('%s answers in place of the panel, which receives nothing', async (as, status, headers) => {
  await using panel = await startPanel()
  panel.addFault({ when: { times: 1 }, do: { kind: 'front', as } })
  const answered = await createCaller(panel).create('ord-1')
  expect(answered.status).toBe(status)
  expect(Object.fromEntries(answered.headers)).toMatchObject(headers)
  expect(panel.state().servers).toEqual([])
  expect((await createCaller(panel).create('ord-1')).status).toBe(201)
})

test('http is redirected to https at the same path', async () => {
  await using panel = await startPanel()
  panel.addFault({ do: { kind: 'front', as: 'https-redirect' } })
  const { headers } = await createCaller(panel).call('GET', 'nests?per_page=1')
  expect(headers.get('location')).toBe(
    `${panel.url.replace('http', 'https')}/api/application/nests?per_page=1`,
  )
})

test('any path but those of its APIs gives the pages for browsers, and takes nothing', async () => {
  await using panel = await startPanel()
  const address = `${panel.url}/panel/api/application/nests`
  const page = await fetch(address, { headers: { accept: 'application/json' } })
  expect(page.status).toBe(200)
  expect(await page.text()).toContain('window.SiteConfiguration')
  expect((await fetch(address, { method: 'POST' })).status).toBeGreaterThanOrEqual(400)
  const twice = await fetch(`${panel.url}/api/api/application/nests`, {
    headers: { accept: 'application/json' },
  })
  expect(await twice.json()).toMatchObject({
    errors: [{ detail: 'The route api/api/application/nests could not be found.' }],
  })
})
