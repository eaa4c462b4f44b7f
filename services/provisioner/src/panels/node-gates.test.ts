import { expect, test, vi } from 'vitest'
import { PanelError } from '../panel-types/panel-error.ts'
import { createNodeGates } from './node-gates.ts'

const silent = new PanelError('POST /servers', {
  kind: 'http',
  status: 504,
  code: 'DaemonConnectionException',
  detail: 'no answer',
})

test('a node takes four calls at once, and the fifth once one of them has ended', async () => {
  const gates = createNodeGates({ timeScale: 1 })
  const leave = await gates.enter(3)
  for (let n = 0; n < 3; n += 1) expect(await gates.enter(3)).not.toBeNull()
  const fifth = gates.enter(3)
  expect(await gates.enter(4)).not.toBeNull()
  leave?.()
  expect(await fifth).not.toBeNull()
})

test('a node that did not answer gets one call at a time until one is answered', async () => {
  const gates = createNodeGates({ timeScale: 1 })
  ;(await gates.enter(3))?.(silent)
  expect(gates.isLate(3)).toBe(true)
  expect(gates.busy()).toEqual([])
  const probe = await gates.enter(3)
  expect(await gates.enter(3)).toBeNull()
  expect(gates.busy()).toEqual([3])
  probe?.()
  expect(gates.isLate(3)).toBe(false)
  expect(gates.busy()).toEqual([])
})

test('a refusal of the panel says nothing about the node', async () => {
  const gates = createNodeGates({ timeScale: 1 })
  ;(await gates.enter(3))?.(new PanelError('POST /servers', { kind: 'http', status: 422, detail: 'no' }))
  expect(gates.isLate(3)).toBe(false)
})

test('a node is late as soon as a call to it takes long', async () => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] })
  try {
    const gates = createNodeGates({ timeScale: 1 })
    const leave = await gates.enter(3)
    vi.advanceTimersByTime(5_001)
    expect(gates.isLate(3)).toBe(true)
    expect(await gates.enter(3)).toBeNull()
    leave?.()
    expect(gates.isLate(3)).toBe(true)
    ;(await gates.enter(3))?.()
    expect(gates.isLate(3)).toBe(false)
  } finally {
    vi.useRealTimers()
  }
})

test('a late node is avoided for two minutes after the last call to it', async () => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout', 'clearTimeout'] })
  try {
    const gates = createNodeGates({ timeScale: 1 })
    const leave = await gates.enter(3)
    expect(gates.isAvoided(3)).toBe(false)
    vi.advanceTimersByTime(600_000)
    expect(gates.isAvoided(3)).toBe(true)
    leave?.(silent)
    vi.advanceTimersByTime(119_999)
    expect(gates.isAvoided(3)).toBe(true)
    vi.advanceTimersByTime(1)
    expect(gates.isAvoided(3)).toBe(false)
  } finally {
    vi.useRealTimers()
  }
})

test('what waits for a busy node for too long, or behind too many, is not sent', async () => {
  const gates = createNodeGates({ timeScale: 0.001 })
  for (let n = 0; n < 4; n += 1) await gates.enter(3)
  expect(await gates.enter(3)).toBeNull()
  const slow = createNodeGates({ timeScale: 1 })
  for (let n = 0; n < 4; n += 1) await slow.enter(3)
  const waiting = Array.from({ length: 8 }, () => slow.enter(3))
  expect(await slow.enter(3)).toBeNull()
  expect(waiting).toHaveLength(8)
})
