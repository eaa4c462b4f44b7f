import { adapter } from '@spawnpoint/database'
import { auditOf } from '@spawnpoint/operations'
import { expect, test } from 'vitest'
import { PrismaClient } from '../generated/client.ts'
import { auditedRoutes } from './audited-routes.ts'
import { routeScopes } from './route-scopes.ts'

test('the audit log says of each route that changes something what it keeps', () => {
  // It connects with its first query only.
  const prisma = new PrismaClient({ adapter: adapter('mysql://nobody:nothing@127.0.0.1:1/none') })
  const { routes } = auditOf(prisma, auditedRoutes(prisma))
  const writing = Object.keys(routeScopes).filter((route) => !route.startsWith('GET '))
  expect(Object.keys(routes).sort()).toEqual(writing.sort())
})
