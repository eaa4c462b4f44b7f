import { expect, test } from 'vitest'
import { startFakeService } from './fake-service.ts'
import { run } from './run.ts'

const drift = (id: string) => ({
  drift_id: id,
  kind: 'ghost',
  state: 'open',
  order_id: 'o-1',
  finding: 'Server 7 is no longer on the panel.',
  repair: 'Makes a new server for the order.',
})

test('drifts are listed page by page, with what their repair would do', async () => {
  await using service = await startFakeService(({ path }) =>
    path.includes('starting_after=a')
      ? { body: { data: [{ ...drift('b'), panel: 'fra' }], has_more: false, next_cursor: null } }
      : { body: { data: [drift('a')], has_more: true, next_cursor: 'a' } },
  )
  const { code, stdout } = await run(['drifts', 'list', '--url', service.url])
  expect({ code, lines: stdout.split('\n').map((line) => line.split(/ {2,}/)) }).toEqual({
    code: 0,
    lines: [
      ['drift', 'panel', 'kind', 'order', 'finding', 'repair'],
      [
        'a',
        'main',
        'ghost',
        'o-1',
        'Server 7 is no longer on the panel.',
        'Makes a new server for the order.',
      ],
      [
        'b',
        'fra',
        'ghost',
        'o-1',
        'Server 7 is no longer on the panel.',
        'Makes a new server for the order.',
      ],
      [''],
    ],
  })
  expect(service.asked[0]?.path).toBe('/admin/drifts?state=open&limit=100')
})

test.each(['repair', 'ignore'])('a drift is %sd by its id', async (verb) => {
  await using service = await startFakeService(() => ({ body: { ...drift('a'), state: 'ignored' } }))
  const { code, stderr } = await run(['drifts', verb, 'a', '--url', service.url])
  expect({ code, stderr }).toEqual({ code: 0, stderr: 'Drift a is ignored.\n' })
  expect(service.asked).toMatchObject([{ method: 'POST', path: `/admin/drifts/a/${verb}` }])
})

test('a drift check prints what it compared and found', async () => {
  await using service = await startFakeService(() => ({ body: { servers: 12, found: 2, told: 1, over: 0 } }))
  const { stderr } = await run(['drifts', 'sweep', '--url', service.url])
  expect(stderr).toBe('12 servers compared: 2 drifts, 1 of them new, 0 over.\n')
  const away = [{ panel: 'fra', message: 'The panel did not answer in time' }]
  await using other = await startFakeService(() => ({
    body: { servers: 1, found: 0, told: 0, over: 0, away },
  }))
  expect((await run(['drifts', 'sweep', '--url', other.url])).stderr).toContain(
    'The panel fra was not compared: The panel did not answer in time',
  )
})
