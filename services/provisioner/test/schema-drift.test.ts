import { diffSchema } from '@spawnpoint/database'
import { testDatabase } from '@spawnpoint/stack'
import { expect, test } from 'vitest'

test('the migrations make the tables that schema.prisma describes', async () => {
  await using database = await testDatabase('provisioner')
  const schemaPath = new URL('../prisma/schema.prisma', import.meta.url).pathname
  expect(await diffSchema({ schemaPath, url: database.url })).toEqual([])
})
