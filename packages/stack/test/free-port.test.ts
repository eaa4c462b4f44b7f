import { afterEach, expect, test, vi } from 'vitest'
import { freePort } from '../src/free-port.ts'

afterEach(() => void vi.restoreAllMocks())

test('a port is given once, though nothing listens there yet', async () => {
  const random = vi.spyOn(Math, 'random').mockReturnValueOnce(0.25)
  const first = await freePort()
  random.mockReturnValueOnce(0.25).mockReturnValueOnce(0.75)
  expect(await freePort()).not.toBe(first)
})

test('who was given a port gets it again by name', async () => {
  const port = await freePort()
  expect(await freePort(port)).toBe(port)
})
