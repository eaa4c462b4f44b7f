import { expect, test } from 'vitest'
import { createHttp, createLogger } from '../src/index.ts'

test('many who ask for the health at once, or within a second, cost one look', async () => {
  let looks = 0
  const app = createHttp({
    service: 'test',
    version: '0',
    apiKeys: [],
    routeScopes: {},
    isOutage: () => false,
    checks: {
      database: async () => {
        looks += 1
        return null
      },
    },
    summary: async () => ({ looks }),
    log: createLogger({ service: 'test', level: 'silent' }),
  })
  const asked = Array.from({ length: 100 }, (_, n) => app.request(n % 2 ? '/health' : '/api/health'))
  expect((await Promise.all(asked)).map(({ status }) => status)).toEqual(Array(100).fill(200))
  await app.request('/health')
  expect(looks).toBe(1)
  await Promise.all(Array.from({ length: 100 }, () => app.request('/readyz')))
  expect(looks).toBe(2)
  await app.request('/readyz')
  expect(looks).toBe(3)
})
