import { createServer, type Server } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listOf } from '../rules/special-addresses.ts'
import { deadline } from './deadline.ts'
import { createSend } from './send.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

let silent: Server
let url = ''

beforeAll(async () => {
  silent = createServer(() => {}).listen(0, '127.0.0.1')
  await new Promise((resolve) => silent.once('listening', resolve))
  url = `http://127.0.0.1:${(silent.address() as { port: number }).port}/`
})
afterAll(() => silent.close())

test('calls that are never answered end by their deadline, also while garbage is collected', async () => {
  const collecting = setInterval(collectGarbage, 20)
  const parent = new AbortController()
  const calls = Array.from({ length: 20 }, () => call(deadline(200, parent.signal).signal))
  const ended = await Promise.allSettled(calls)
  clearInterval(collecting)
  for (const one of ended) expect(one).toMatchObject({ status: 'rejected', reason: { kind: 'timeout' } })
}, 10_000)

test('calls end with their parent, at once when it has ended already', async () => {
  const parent = new AbortController()
  const ending = call(deadline(60_000, parent.signal).signal)
  collectGarbage()
  parent.abort()
  await expect(ending).rejects.toMatchObject({ kind: 'timeout' })
  expect(deadline(60_000, parent.signal).signal.aborted).toBe(true)
})

test('a cleared deadline does not abort', async () => {
  const { signal, clear } = deadline(10, new AbortController().signal)
  clear()
  await new Promise((resolve) => setTimeout(resolve, 30))
  expect(signal.aborted).toBe(false)
})

const send = createSend({ addresses: { privateNetworks: listOf('127.0.0.1'), allowsPlainHttp: false } })

function call(signal: AbortSignal) {
  return send('GET /nodes', url, { method: 'GET', headers: {}, body: null, signal })
}
