import { dirname, join } from 'node:path'
import { diffSchema } from '@spawnpoint/database'
import { expect, test } from 'vitest'
import { schemas } from '../src/databases.ts'
import { testDatabase } from '../src/fixtures.ts'
import { migrationsOf } from '../src/migrate-all.ts'

test.each(schemas)('the migrations of %s make exactly the tables of its schema.prisma', async (schema) => {
  await using database = await testDatabase(schema)
  const schemaPath = join(dirname(migrationsOf[schema]), 'schema.prisma')
  expect(await diffSchema({ schemaPath, url: database.url })).toEqual([])
})
