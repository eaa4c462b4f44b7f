import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { interleave } from './interleave.ts'

const forever = new AbortController().signal

test('the sides take turns, and each keeps its samples in order', async () => {
  const turns: string[] = []
  const side = (name: string) => async (repetition: number) => {
    turns.push(`${name}${repetition}`)
    return turns.length
  }
  const samples = await interleave(
    { a: side('a'), b: side('b') },
    { repetitions: 2, atMostSeconds: 60, signal: forever },
  )
  expect(turns).toEqual(['a0', 'b0', 'a1', 'b1'])
  expect(samples).toEqual({ a: [1, 3], b: [2, 4] })
})

test('a stop takes effect before the next turn', async () => {
  const stop = new AbortController()
  const stops = async () => stop.abort()
  const never = () => expect.fail('b had its turn')
  await expect(
    interleave({ a: stops, b: never }, { repetitions: 2, atMostSeconds: 60, signal: stop.signal }),
  ).rejects.toThrow()
})

test('a slow machine takes fewer turns, every side as many as the others, and each at least one', async () => {
  const slow = async () => delay(20)
  const sides = { a: slow, b: slow }
  const samples = await interleave(sides, { repetitions: 50, atMostSeconds: 0.2, signal: forever })
  expect(samples.a.length).toBeLessThan(6)
  expect(samples.b.length).toBe(samples.a.length)
  const none = await interleave(sides, { repetitions: 50, atMostSeconds: 0, signal: forever })
  expect(none.a.length).toBe(1)
})
