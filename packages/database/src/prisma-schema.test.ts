import { expect, test } from 'vitest'
import { tablesOf } from './prisma-schema.ts'

test.each([
  ['a native type', 'id String @id @db.Inet', 'Native type Inet is not supported for mysql connector'],
  [
    'a block attribute',
    'id Int @id\n  @@fulltext([id])',
    'Fruit has a fulltext index, which is not known to the drift check',
  ],
  [
    'an index on a missing field',
    'id Int @id\n  @@index([name])',
    'The index definition refers to the unknown fields: name',
  ],
])('%s that the drift check does not know is an error, never skipped', async (_, line, message) => {
  const schema = `datasource db {\n  provider = "mysql"\n}\n\nmodel Fruit {\n  ${line}\n}\n`
  await expect(tablesOf(schema)).rejects.toThrow(message)
})
