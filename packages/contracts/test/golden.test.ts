import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { events, readEvent } from '../src/events.ts'

// Written once, by the first release that said them, and never again: a stream and a backup hold such events for years.
const golden = new URL('../golden/', import.meta.url)
const files = readdirSync(golden).sort()
const bytesOf = (file: string) => readFileSync(new URL(file, golden), 'utf8')

// `order.paid.v1.json`, and `order.paid.v1-recovery.json` since fields were added to that version for recovery.
test('every version of every event has its golden file, and every file its event', () => {
  const versions = Object.values(events).flatMap(({ type, version }) =>
    Array.from({ length: version }, (_, index) => `${type}.v${index + 1}`),
  )
  const written = files.map((file) => file.replace(/(-[a-z-]+)?\.json$/, ''))
  expect([...new Set(written)].sort()).toEqual(versions.sort())
})

describe.each(files)('%s', (file) => {
  const written = JSON.parse(bytesOf(file))

  test('is read as it was written, with nothing lost', () => {
    expect(readEvent(bytesOf(file))).toMatchObject(written)
  })

  test('is read from bytes as from text', () => {
    expect(readEvent(new TextEncoder().encode(bytesOf(file)))).toEqual(readEvent(bytesOf(file)))
  })

  test('may say more than we know, within its version', () => {
    const more = { ...written, traceparent: '00-1', data: { ...written.data, mood: 'good' } }
    expect(readEvent(JSON.stringify(more))).toMatchObject({ id: written.id, type: written.type })
  })

  test('of a newer version than ours is refused by name', () => {
    const newer = { ...written, dataversion: written.dataversion + 1 }
    expect(readEvent(JSON.stringify(newer))).toEqual({
      problem: { class: 'unsupported_version', message: expect.stringContaining('update this service') },
    })
  })

  test('cannot be read without any of its fields', () => {
    for (const field of Object.keys(firstOf(written))) {
      const { [field]: _, ...data } = written.data
      expect(readEvent(JSON.stringify({ ...written, data }))).toMatchObject({
        problem: { class: 'invalid_event', message: expect.stringContaining(field) },
      })
    }
  })
})

// What was added later is optional; what the first file of its version says is not.
function firstOf({ type, dataversion }: { type: string; dataversion: number }): object {
  return JSON.parse(bytesOf(`${type}.v${dataversion}.json`)).data
}

test.each([
  ['an event of a type that nobody here knows', { type: 'server.painted' }, 'unknown_type'],
  ['a type that JavaScript knows', { type: 'constructor' }, 'unknown_type'],
  ['an id that is none', { id: '7' }, 'invalid_event'],
  ['a version of zero', { sequence: 0 }, 'invalid_event'],
  ['another specification', { specversion: '2.0' }, 'invalid_event'],
])('%s is refused by name', (_, changes, name) => {
  const event = { ...JSON.parse(bytesOf('order.paid.v1.json')), ...changes }
  expect(readEvent(JSON.stringify(event))).toMatchObject({ problem: { class: name } })
})

test.each(['', '{', 'null', '[]', '"order.paid"', '\u0000'])('%j is not an event', (bytes) => {
  expect(readEvent(bytes)).toMatchObject({ problem: { class: 'invalid_event' } })
})
