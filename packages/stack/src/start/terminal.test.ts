import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { openTerminal } from './terminal.ts'

test('each step is one plain line with its time without a terminal', async () => {
  const { terminal, written } = open()
  await terminal.step(
    'MySQL',
    async () => 'MariaDB 10.11',
    (name) => name,
  )
  terminal.line(terminal.bold('done'))
  expect(written()).toMatch(/^✔ MySQL +MariaDB 10\.11 {2}\d+ ms\ndone\n$/)
})

test('a terminal shows the step under way on the line below', async () => {
  const { terminal, written } = open({ isTTY: true })
  await terminal.step('MySQL', async () => {})
  expect(written()).toMatch(/… MySQL.*✔/s)
})

test('NO_COLOR makes a terminal plain', async () => {
  const { terminal, written } = open({ isTTY: true, env: { NO_COLOR: '1' } })
  await terminal.step('MySQL', async () => {})
  expect(written()).not.toContain('\x1b')
})

test('a failed step is shown, and its error is rethrown', async () => {
  const { terminal, written } = open()
  await expect(terminal.step('NATS', () => Promise.reject(new Error('no port')))).rejects.toThrow('no port')
  expect(written()).toMatch(/^✖ NATS +\d+ ms\n$/)
})

function open({ isTTY = false, env = {} }: { isTTY?: boolean; env?: NodeJS.ProcessEnv } = {}) {
  const stream = Object.assign(new PassThrough({ encoding: 'utf8' }), { isTTY })
  return { terminal: openTerminal(stream, env), written: () => String(stream.read()) }
}
