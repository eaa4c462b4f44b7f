import { createCipheriv, randomBytes } from 'node:crypto'
import { startPanel } from '@spawnpoint/panel-simulator'
import { eventually } from '@spawnpoint/stack'
import { afterEach, expect, test } from 'vitest'
import { openSeller, paidOrder, type Seller } from './seller.ts'

const newKey = (id: string) => `${id}:${randomBytes(32).toString('base64')}`
const [old, young] = [newKey('k1'), newKey('k2')]

let seller: Seller

afterEach(() => seller[Symbol.asyncDispose]())

test('the key ring is rotated while servers are sold, and the old key can go', async () => {
  seller = await openSeller({ env: { SECRETS_KEYS: old, PANEL_TOKEN: 'ptla_wrong' } })
  await seller.send('PUT', '/admin/secrets/panel_token', { value: seller.panel.token })
  await seller.restart({ SECRETS_KEYS: `${old},${young}` })
  await sells('o-1')
  await seller.restart({ SECRETS_KEYS: `${young},${old}` })
  await sells('o-2')
  expect(await rotate()).toEqual({
    status: 200,
    body: { key_id: 'k2', rotated: ['panel_token'], kept: [] },
  })
  expect(await rotate()).toEqual({
    status: 200,
    body: { key_id: 'k2', rotated: [], kept: ['panel_token'] },
  })
  await seller.restart({ SECRETS_KEYS: young })
  await sells('o-3')
})

test('a secret that no key opens is named, and nothing is changed', async () => {
  seller = await openSeller({ env: { SECRETS_KEYS: old } })
  await seller.send('PUT', '/admin/secrets/panel_token', { value: seller.panel.token })
  await seller.send('PUT', '/admin/panels/fra', { url: 'https://panel.invalid', token: 'x' })
  const before = await seller.prisma.secret.findMany()
  await seller.restart({ SECRETS_KEYS: young })
  expect(await rotate()).toMatchObject({
    status: 409,
    body: {
      code: 'secret_unreadable',
      detail: expect.stringMatching(
        /panel_token cannot be read: it was encrypted with the key k1\. .*panel_token\/fra cannot be read: it was encrypted with the key k1\..*PUT \/admin\/panels\/fra/,
      ),
    },
  })
  expect(await seller.prisma.secret.findMany()).toEqual(before)
})

test('a secret of the address before is named as that, with the command that mends it', async () => {
  seller = await openSeller({ env: { SECRETS_KEYS: old } })
  await seller.send('PUT', '/admin/secrets/panel_token', { value: 'ptla_of_the_address_before' })
  const moved = seller.panel.url.replace('127.0.0.1', 'localhost')
  await seller.restart({ SECRETS_KEYS: `${young},${old}`, PANEL_URL: moved })
  const refused = await rotate()
  expect(refused).toMatchObject({
    status: 409,
    body: {
      code: 'secret_unreadable',
      detail: expect.stringMatching(
        `panel_token was set for another address than ${moved}, .*PUT /admin/secrets/panel_token.*npx spawnpoint secrets delete panel_token`,
      ),
    },
  })
  expect(JSON.stringify(refused)).not.toContain('No key of SECRETS_KEYS')
  await seller.send('DELETE', '/admin/secrets/panel_token')
  expect(await rotate()).toMatchObject({ status: 200 })
  await sells('o-1')
})

test('a key goes to no address but the one it was set for, whatever the database says', async () => {
  await using thief = await startPanel()
  seller = await openSeller({ env: { SECRETS_KEYS: old } })
  await seller.send('PUT', '/admin/panels/fra', {
    url: seller.panel.url.replace('127.0.0.1', 'localhost'),
    token: seller.panel.token,
  })
  await seller.prisma.panel.update({ where: { id: 'fra' }, data: { url: thief.url } })
  await seller.restart()
  const answer = await seller.send('POST', '/admin/panel/check?panel=fra')
  expect(await answer.text()).toContain(`panel_token/fra was set for another address than ${thief.url}`)
  expect(thief.requests().calls).toEqual({})
})

test('a secret of an earlier version is bound to the address of its panel when the service starts', async () => {
  seller = await openSeller({ env: { SECRETS_KEYS: old, PANEL_TOKEN: 'ptla_wrong' } })
  await seller.send('PUT', '/admin/secrets/panel_token', { value: seller.panel.token })
  await seller.prisma.secret.updateMany({ data: asOfBefore('panel_token', seller.panel.token) })
  await seller.restart()
  await eventually(async () => expect((await seller.prisma.secret.findFirst())?.ciphertext).toMatch(/^v2:/))
  await sells('o-1')
})

test('a secret is deleted, and the key of the environment counts again', async () => {
  seller = await openSeller({ env: { SECRETS_KEYS: old } })
  await seller.send('PUT', '/admin/secrets/panel_token', { value: 'ptla_mistaken' })
  await seller.sell(paidOrder('o-1'))
  await eventually(async () =>
    expect(await seller.serverOf('o-1')).toMatchObject({ errorClass: 'panel_auth' }),
  )
  expect((await seller.send('DELETE', '/admin/secrets/panel_token')).status).toBe(204)
  await seller.provisioned('o-1', 20_000)
  expect((await seller.send('DELETE', '/admin/secrets/panel_token')).status).toBe(404)
})

test('a secret that nothing would use is refused', async () => {
  seller = await openSeller({ env: { SECRETS_KEYS: old } })
  const answer = await seller.send('PUT', '/admin/secrets/panel-token', { value: 'ptla_x' })
  expect(answer.status).toBe(422)
  expect(await answer.text()).toContain('panel_token is the only one that is used')
})

test('without a key there is nothing to rotate with', async () => {
  seller = await openSeller()
  expect(await rotate()).toMatchObject({ status: 409, body: { code: 'no_encryption_key' } })
})

test('a key for the panel that cannot be decrypted is reported, and repaired by setting it again', async () => {
  seller = await openSeller({ env: { SECRETS_KEYS: old } })
  await seller.send('PUT', '/admin/secrets/panel_token', { value: seller.panel.token })
  await seller.restart({ SECRETS_KEYS: young })
  await seller.sell(paidOrder('o-1'))
  await eventually(async () =>
    expect(await seller.serverOf('o-1')).toMatchObject({
      errorClass: 'panel_auth',
      errorMessage: expect.stringContaining('SECRETS_KEYS'),
    }),
  )
  await seller.send('PUT', '/admin/secrets/panel_token', { value: seller.panel.token })
  await seller.provisioned('o-1', 20_000)
})

test('a key that is replaced on the panel is replaced here, and nothing is lost between', async () => {
  await using other = await startPanel()
  seller = await openSeller({ env: { SECRETS_KEYS: old, PANEL_TOKEN: other.token } })
  await seller.sell(paidOrder('o-1'))
  await eventually(async () =>
    expect(await seller.serverOf('o-1')).toMatchObject({ errorClass: 'panel_auth' }),
  )
  await seller.send('PUT', '/admin/secrets/panel_token', { value: seller.panel.token })
  await seller.provisioned('o-1', 20_000)
})

async function sells(orderId: string): Promise<void> {
  await seller.sell(paidOrder(orderId))
  await seller.provisioned(orderId)
}

async function rotate(): Promise<{ status: number; body: unknown }> {
  const answer = await seller.send('POST', '/admin/secrets/rotate')
  return { status: answer.status, body: await answer.json() }
}

function asOfBefore(name: string, value: string): { ciphertext: string } {
  const iv = randomBytes(12)
  const key = Buffer.from(old.split(':')[1] ?? '', 'base64')
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(name))
  const body = Buffer.concat([cipher.update(value, 'utf8'), cipher.final()])
  return { ciphertext: Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64') }
}
