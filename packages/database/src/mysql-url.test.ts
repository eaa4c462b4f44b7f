import { expect, test } from 'vitest'
import { mysqlOptions } from './mysql-url.ts'

test('a URL says the server, whose password may have any letter, and the schema', () => {
  expect(mysqlOptions('mysql://seller:p%40ss%2F@[::1]:3307/billing')).toEqual({
    ...{ host: '::1', port: 3307, user: 'seller', password: 'p@ss/', database: 'billing' },
    allowPublicKeyRetrieval: true,
  })
})

test('a server on the same machine is reached by its socket where the URL says so', () => {
  expect(mysqlOptions('mysql://seller:pass@localhost/billing?socket=/run/mysqld/mysqld.sock')).toMatchObject({
    ...{ socketPath: '/run/mysqld/mysqld.sock', user: 'seller', database: 'billing' },
  })
  expect(mysqlOptions('mysql://seller:pass@localhost/billing')).not.toHaveProperty('socketPath')
})

test.each([
  ['postgres://seller:secret@localhost/billing', 'begins with postgres://'],
  ['seller:secret', 'begins with seller://'],
  ['not a URL with a secret', 'is not a URL'],
  ['mysql://seller:secret@localhost/billing?sslaccept=maybe', 'sslaccept is maybe'],
])('%s is refused without a word of the password', (url, why) => {
  expect(() => mysqlOptions(url)).toThrow(why)
  expect(() => mysqlOptions(url)).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining('secret') }),
  )
})
