import { expect, test } from 'vitest'
import { startFakeService } from './fake-service.ts'
import { run } from './run.ts'

const findings = [
  { level: 'ok', what: 'key', message: 'The panel accepts the key.' },
  { level: 'warning', what: 'node 2', message: 'fra-2 has -1 for memory over-allocation: set 0.' },
]
const lacking = { level: 'error', what: 'rights', message: 'The key lacks write on users. Make a new key.' }

test('a usable panel is shown line by line, with its warnings', async () => {
  await using service = await startFakeService(() => ({ body: { ok: true, findings } }))
  const { code, stdout } = await run(['panel', 'check', '--url', service.url])
  expect({ code, lines: stdout.split('\n').slice(1, 3) }).toEqual({
    code: 0,
    lines: [
      '✔  key     The panel accepts the key.',
      '!  node 2  fra-2 has -1 for memory over-allocation: set 0.',
    ],
  })
  expect(service.asked).toMatchObject([{ method: 'POST', path: '/admin/panel/check' }])
})

test('findings of several panels name their panel, and one panel can be checked alone', async () => {
  const both = ['main', 'fra'].map((panel) => ({ panel, level: 'ok', what: 'key', message: 'Well.' }))
  await using service = await startFakeService(() => ({ body: { ok: true, findings: both } }))
  const { stdout } = await run(['panel', 'check', '--url', service.url])
  expect(stdout.split('\n').map((line) => line.split(/ {2,}/))).toEqual([
    ['', 'panel', 'what', 'how it is'],
    ['✔', 'main', 'key', 'Well.'],
    ['✔', 'fra', 'key', 'Well.'],
    [''],
  ])
  await run(['panel', 'check', '--panel', 'fra', '--url', service.url])
  expect(service.asked.at(-1)).toMatchObject({ path: '/admin/panel/check?panel=fra' })
})

test('an unusable panel fails the command and prints what to do', async () => {
  await using service = await startFakeService(() => ({ body: { ok: false, findings: [lacking] } }))
  const { code, stdout, stderr } = await run(['panel', 'check', '--url', service.url])
  expect(code).toBe(1)
  expect(stdout).toContain('✖  rights  The key lacks write on users. Make a new key.')
  expect(stderr).toContain('Nothing can be sold like this.')
  const { stdout: line } = await run(['panel', 'check', '--json', '--url', service.url])
  expect(JSON.parse(line)).toEqual({ ok: false, findings: [lacking] })
})

test('only the broken panel of several is reported as unable to sell', async () => {
  const well = { panel: 'main', level: 'ok', what: 'key', message: 'The panel accepts the key.' }
  const both = { ok: false, findings: [well, { panel: 'fra', ...lacking }] }
  await using service = await startFakeService(() => ({ body: both }))
  const { stderr } = await run(['panel', 'check', '--url', service.url])
  expect(stderr).toBe('Nothing can be sold on fra like this.\n')
})

test('secrets are re-encrypted, and only their names are printed', async () => {
  await using service = await startFakeService(({ method }) =>
    method === 'POST'
      ? { body: { key_id: 'k2', rotated: ['panel_token'], kept: [] } }
      : {
          body: { secrets: [{ name: 'panel_token', key_id: 'k1', updated_at: '2026-11-23T10:00:00.000Z' }] },
        },
  )
  const listed = await run(['secrets', 'list', '--url', service.url])
  expect(listed.stdout).toBe('secret       key  since\npanel_token  k1   2026-11-23T10:00:00\n')
  const rotated = await run(['secrets', 'rotate', '--url', service.url])
  expect(rotated).toMatchObject({
    code: 0,
    stdout: '',
    stderr: '1 encrypted anew with the key k2, 0 had it already.\n',
  })
  expect(service.asked.at(-1)).toMatchObject({ method: 'POST', path: '/admin/secrets/rotate' })
})

test('a secret is deleted by its name', async () => {
  await using service = await startFakeService(() => ({ status: 204, body: undefined }))
  const { code, stderr } = await run(['secrets', 'delete', 'panel_token', '--url', service.url])
  expect({ code, stderr }).toEqual({ code: 0, stderr: 'panel_token is forgotten.\n' })
  expect(service.asked).toMatchObject([{ method: 'DELETE', path: '/admin/secrets/panel_token' }])
})
