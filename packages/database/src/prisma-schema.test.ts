import { expect, test } from 'vitest'
import { tablesOf } from './prisma-schema.ts'

test.each([
  ['a native type', 'id String @id @db.Inet', '@db.Inet is not known'],
  [
    'a block attribute',
    'id Int @id\n  @@fulltext([id])',
    'Not understood in schema.prisma: @@fulltext([id])',
  ],
  [
    'an index on a missing field',
    'id Int @id\n  @@index([name])',
    'Fruit has an index on name, which it does not have',
  ],
])('%s that the drift check does not know is an error, never skipped', (_, line, message) => {
  expect(() => tablesOf(`model Fruit {\n  ${line}\n}\n`)).toThrow(message)
})
