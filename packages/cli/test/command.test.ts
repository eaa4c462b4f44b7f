import { expect, test } from 'vitest'
import { type Asked, startFakeService } from './fake-service.ts'
import { run } from './run.ts'

const replay = {
  id: '6f0f8ee3-6a2c-4d3f-9d58-0c8d3c2f9b11',
  kind: 'replay',
  state: 'done',
  request: { stream: 'BILLING', dry_run: true },
  total: 2,
  read: 2,
  next_seq: 3,
  counts: { done: 1, skipped: 1 },
  error: null,
  created_at: '2026-11-23T10:00:00.000Z',
}
const findings = [
  {
    seq: 1,
    type: 'payment.succeeded',
    order_id: 'a',
    outcome: 'skipped',
    reason: 'done already',
    effect: null,
  },
  {
    seq: 2,
    type: 'payment.succeeded',
    order_id: 'b',
    outcome: 'done',
    reason: null,
    effect: { fields: { status: { from: 'pending', to: 'paid' } }, says: ['order.paid'] },
  },
]

function answerReplay({ method, path }: Asked) {
  if (method === 'POST') return { status: 202, body: { ...replay, state: 'running' } }
  if (path.includes('/findings')) return { body: { findings, next_after: null } }
  return { body: replay }
}

test('a dry run sends the given filter and lists what would change for each order', async () => {
  await using service = await startFakeService(answerReplay)
  const args = ['--type', 'payment.succeeded', '--order', 'b', '--since', '2026-11-23', '--from-seq', '1']
  const { code, stdout, stderr } = await run(
    ['replay', '--service', 'order', '--stream', 'BILLING', ...args, '--dry-run'],
    { SPAWNPOINT_ORDER_URL: service.url },
  )
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: [
      'order  seq  event              outcome  what changes, or why not',
      'a      1    payment.succeeded  skipped  done already',
      'b      2    payment.succeeded  done     status pending → paid; publishes order.paid\n',
    ].join('\n'),
  })
  expect(stderr).toContain('Dry run of BILLING at order: 2 read, 1 done, 1 skipped. Nothing was changed.\n')
  expect(service.asked[0]).toEqual({
    method: 'POST',
    path: '/admin/replays',
    authorization: 'Bearer secret',
    body: {
      stream: 'BILLING',
      type: 'payment.succeeded',
      order: 'b',
      since: '2026-11-23T00:00:00.000Z',
      from_seq: 1,
      rate: 200,
      include_ignored: false,
      dry_run: true,
    },
  })
})

test('a command without --yes and without a terminal changes nothing', async () => {
  await using service = await startFakeService(answerReplay)
  const url = ['--url', service.url]
  const { code, stderr } = await run(['replay', '--service', 'order', '--stream', 'BILLING', ...url])
  expect(code).toBe(0)
  expect(stderr).toContain('Nothing was changed.\nAdd --yes to do it.')
  const posts = service.asked.filter(({ method }) => method === 'POST')
  expect(posts).toMatchObject([{ body: { dry_run: true } }])
})

test('--yes skips the question, and --json prints one line of JSON', async () => {
  await using service = await startFakeService(answerReplay)
  const args = [
    'replay',
    '--service',
    'order',
    '--stream',
    'BILLING',
    '--yes',
    '--json',
    '--url',
    service.url,
  ]
  const { code, stdout } = await run(args)
  expect({ code, result: JSON.parse(stdout) }).toEqual({ code: 0, result: { replay, findings } })
  const posts = service.asked.filter(({ method }) => method === 'POST')
  expect(posts).toMatchObject([{ body: { dry_run: false } }])
})

test('a failed replay, or one with a failed event, fails the command', async () => {
  const failing = async (end: object) => {
    await using service = await startFakeService((asked) => {
      const { status, body } = answerReplay(asked) as { status?: number; body: object }
      return { status: status ?? 200, body: asked.method === 'GET' ? { ...body, ...end } : body }
    })
    return await run(['replay', '--service', 'order', '--stream', 'BILLING', '--yes', '--url', service.url])
  }
  expect(await failing({ state: 'failed', error: 'BILLING was made anew' })).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/made anew\n→ spawnpoint replays resume 6f0f8ee3/),
  })
  expect(await failing({ counts: { failed: 3 } })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('3 events could not be decided'),
  })
})

test('a refusal is printed with the message of the service', async () => {
  const problem = { code: 'stream_not_heard', detail: 'This service does not hear SERVER.' }
  await using service = await startFakeService(() => ({ status: 422, body: problem }))
  const args = ['replay', '--service', 'provisioner', '--stream', 'SERVER', '--yes', '--url', service.url]
  const { code, stdout, stderr } = await run(args)
  expect({ code, stdout, stderr }).toEqual({
    code: 2,
    stdout: '',
    stderr: 'provisioner refused (stream_not_heard): This service does not hear SERVER.\n',
  })
})

test('an internal error of a service is shown with its request_id', async () => {
  const body = { code: 'internal_error', detail: 'A mistake of ours.', request_id: 'a82f698f' }
  await using service = await startFakeService(() => ({ status: 500, body }))
  const { code, stderr } = await run(['replays', 'list', '--service', 'order', '--url', service.url])
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: 'order refused (internal_error): A mistake of ours.\n  request_id: a82f698f\n',
  })
})

test('status prints a line for each reason and exits with 3 while something is not healthy', async () => {
  await using ill = await startFakeService(() => ({
    body: {
      ...{ status: 'degraded', uptime_seconds: 3, outbox_waiting: 9 },
      failing: { nats: 'NATS does not answer → start it', stripe: 'Stripe refuses the key → correct it' },
    },
  }))
  await using well = await startFakeService(() => ({
    body: { status: 'healthy', failing: {}, uptime_seconds: 300, outbox_waiting: 2 },
  }))
  const { code, stdout, stderr } = await run(['status'], {
    SPAWNPOINT_ORDER_URL: well.url,
    SPAWNPOINT_PROVISIONER_URL: ill.url,
    SPAWNPOINT_BILLING_GATEWAY_URL: 'http://127.0.0.1:1',
  })
  expect(code).toBe(3)
  expect(stdout.split('\n').map((line) => line.split(/ {2,}/).toSpliced(4, 1))).toEqual([
    ['service', 'status', 'up', 'waiting', 'problem'],
    ['order', 'healthy', '5 min', '2'],
    ['provisioner', 'degraded', '3 s', '9', 'nats: NATS does not answer → start it'],
    ['provisioner', 'degraded', '3 s', '9', 'stripe: Stripe refuses the key → correct it'],
    [
      'billing-gateway',
      'unreachable',
      '–',
      '–',
      expect.stringContaining('connection: billing-gateway does not'),
    ],
    [''],
  ])
  expect(stderr).toContain('Not healthy: provisioner, billing-gateway.\n→ ')
})

test.each([
  ['an unknown verb', ['relay']],
  ['no verb at all', []],
  ['an unknown service', ['replay', '--service', 'shop', '--stream', 'BILLING']],
  ['a missing option', ['replay', '--service', 'order']],
  ['a time that is none', ['replay', '--service', 'order', '--stream', 'BILLING', '--since', 'yesterday']],
  ['a number that is none', ['replay', '--service', 'order', '--stream', 'BILLING', '--rate', '0']],
  ['dead letters that are not named', ['dead-letters', 'redrive', '--service', 'order']],
  ['a recovery without its database', ['recover', '--service', 'order']],
])('%s is not understood: exit code 2, and stdout stays empty', async (_, args) => {
  const { code, stdout, stderr } = await run(args)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).not.toBe('')
})

test('dead letters are listed page by page, and redriven by filter', async () => {
  const letter = (id: string) => ({
    id,
    type: 'order.paid',
    class: 'failed_too_often',
    attempts: 8,
    created_at: '2026-11-23T10:00:00.000Z',
    last_error: 'Error: no',
  })
  await using service = await startFakeService(({ method, path }) => {
    if (method === 'POST')
      return { body: { results: [{ id: 'e1', outcome: 'done', detail: null }], remaining: 1 } }
    return path.includes('starting_after=e1')
      ? { body: { data: [letter('e2')], has_more: false, next_cursor: null } }
      : { body: { data: [letter('e1')], has_more: true, next_cursor: 'e1' } }
  })
  const which = ['--service', 'provisioner', '--class', 'failed_too_often', '--url', service.url]
  const listed = await run(['dead-letters', 'list', ...which])
  expect(listed.stdout.split('\n').map((line) => line.split(/ {2,}/)[1])).toEqual([
    'event',
    'e1',
    'e2',
    undefined,
  ])
  const redriven = await run(['dead-letters', 'redrive', ...which])
  expect(redriven).toMatchObject({ code: 0, stderr: '1 done; 1 remain open.\n' })
  expect(service.asked.at(-1)?.body).toEqual({ filter: { class: 'failed_too_often' } })
})

test('help goes to stdout', async () => {
  const { code, stdout, stderr } = await run(['--help'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toContain('SPAWNPOINT_ORDER_URL')
  expect(stdout).toContain('0 done, 1 failed, 2 not understood, 3 (status) something is not healthy')
})

test('status of healthy services exits with 0', async () => {
  await using well = await startFakeService(() => ({ body: { status: 'healthy', failing: {} } }))
  const { code, stderr } = await run(['status', '--url', well.url])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
})

test('a service without a known URL fails with the variable to set', async () => {
  expect(await run(['replays', 'list', '--service', 'billing-gateway'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('SPAWNPOINT_BILLING_GATEWAY_URL'),
  })
})
