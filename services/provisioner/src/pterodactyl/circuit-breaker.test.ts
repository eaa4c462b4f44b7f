import { expect, test } from 'vitest'
import { PanelError, type PanelErrorDetails } from '../panel-types/panel-error.ts'
import { createCircuitBreaker } from './circuit-breaker.ts'
import { classifyError } from './classify-error.ts'

const away = failure({ kind: 'unreachable' })

test('the circuit opens after five failures in a row; one call decides whether it closes', () => {
  let now = 0
  const circuit = createCircuitBreaker({ timeScale: 1, now: () => now })
  fail(circuit, 4)
  expect(() => circuit.enter('GET /nodes')).not.toThrow()
  fail(circuit, 1)
  expect(circuit.state()).toBe('open')
  expect(() => circuit.enter('GET /nodes')).toThrow('left alone')
  now = 1_000
  expect(circuit.state()).toBe('half_open')
  expect(() => circuit.enter('GET /nodes')).not.toThrow()
  expect(() => circuit.enter('GET /nodes')).toThrow('left alone')
  circuit.record(null)
  expect(circuit.state()).toBe('closed')
  expect(() => circuit.enter('GET /nodes')).not.toThrow()
})

test('the circuit stays open longer each time, half a minute at most', () => {
  let now = 0
  const circuit = createCircuitBreaker({ timeScale: 1, now: () => now })
  fail(circuit, 8)
  for (const restMs of [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
    now += restMs - 1
    expect(circuit.state()).toBe('open')
    now += 1
    circuit.enter('GET /nodes')
    circuit.record(away)
  }
})

test('a call that was not sent reports why the circuit is open, and has no effect', () => {
  const circuit = createCircuitBreaker({ timeScale: 1, now: () => 0 })
  fail(circuit, 5)
  const error = errorOf(() => circuit.enter('POST /servers'))
  expect(classifyError(error)).toMatchObject({ kind: 'retry', class: 'panel_unreachable' })
  expect(error.retryAfterMs).toBe(1_000)
})

test.each([
  ['a refused body', failure({ kind: 'http', status: 422, code: 'ValidationException' })],
  ['a node that is down', failure({ kind: 'http', status: 504, code: 'DaemonConnectionException' })],
  ['a lost race', failure({ kind: 'http', status: 500, code: 'UniqueConstraintViolationException' })],
  ['a wrong key', failure({ kind: 'http', status: 401, code: 'AuthenticationException' })],
])('%s shows that the panel is reachable', (_, error) => {
  const circuit = createCircuitBreaker({ timeScale: 1 })
  for (let n = 0; n < 20; n += 1) circuit.record(error)
  expect(circuit.state()).toBe('closed')
})

function fail(circuit: ReturnType<typeof createCircuitBreaker>, times: number): void {
  for (let n = 0; n < times; n += 1) circuit.record(away)
}

function failure(details: Omit<PanelErrorDetails, 'detail'>): PanelError {
  return new PanelError('GET /nodes', { detail: 'as it says', ...details })
}

function errorOf(work: () => void): PanelError {
  try {
    work()
  } catch (error) {
    if (error instanceof PanelError) return error
  }
  throw new Error('It did not end as the panel’s error')
}
