import { expect, test } from 'vitest'
import { explainOutage } from './explain-outage.ts'

test('an outage is told with what mends it, and without what was to be stored', () => {
  const error = Object.assign(
    new Error(
      "(conn:7, no: 1114) The table 'outbox' is full\nsql: INSERT INTO outbox VALUES ('alex@example.com')",
    ),
    { errno: 1114, sqlMessage: "The table 'outbox' is full" },
  )
  expect(explainOutage(error)).toEqual({
    problem: expect.stringContaining("no space left, or its storage fails (The table 'outbox' is full)"),
    mend: expect.stringContaining('df -h'),
  })
  expect(JSON.stringify(explainOutage(error))).not.toContain('alex')
})

test('an error of another kind is not explained', () => {
  expect(explainOutage(Object.assign(new Error('Unknown column'), { errno: 1054 }))).toBeNull()
})
