import { readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { rpcs } from './rpcs.ts'

// The permissions of the services' NATS users are derived from this list: what is not in it cannot be asked.
test('every RPC of this folder is in the list', async () => {
  const files = readdirSync(import.meta.dirname).filter((file) =>
    /^(?!.*\.test\.ts$|rpcs\.ts$).*\.ts$/.test(file),
  )
  const modules = await Promise.all(
    files.map((file) => import(`./${file}`) as Promise<Record<string, unknown>>),
  )
  const subjects = modules.flatMap((module) => Object.values(module)).flatMap(subjectOf)
  expect(subjects.length).toBeGreaterThan(10)
  expect(rpcs.map(({ contract }) => contract.subject).sort()).toEqual(subjects.sort())
})

function subjectOf(exported: unknown): string[] {
  return typeof exported === 'object' && exported !== null && 'subject' in exported
    ? [String(exported.subject)]
    : []
}
