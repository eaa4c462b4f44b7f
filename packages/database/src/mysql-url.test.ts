import { testCertificates } from '@spawnpoint/stack'
import { expect, test } from 'vitest'
import { mysqlOptions } from './mysql-url.ts'

const { authority } = testCertificates

test('a URL says the server, whose password may have any letter, and the schema', () => {
  expect(mysqlOptions('mysql://seller:p%40ss%2F@[::1]:3307/billing')).toEqual({
    ...{ host: '::1', port: 3307, user: 'seller', password: 'p@ss/', database: 'billing' },
  })
})

test('a server on the same machine is reached by its socket where the URL says so', () => {
  expect(mysqlOptions('mysql://seller:pass@localhost/billing?socket=/run/mysqld/mysqld.sock')).toMatchObject({
    ...{ socketPath: '/run/mysqld/mysqld.sock', user: 'seller', database: 'billing' },
  })
  expect(mysqlOptions('mysql://seller:pass@localhost/billing')).not.toHaveProperty('socketPath')
})

test.each([
  ['', undefined],
  ['?ssl-mode=DISABLED', undefined],
  ['?ssl-mode=REQUIRED', { rejectUnauthorized: false }],
  ['?ssl-mode=required', { rejectUnauthorized: false }],
  ['?sslaccept=accept_invalid_certs', { rejectUnauthorized: false }],
  ['?ssl-mode=VERIFY_IDENTITY', { rejectUnauthorized: true, host: 'db', servername: 'db' }],
  ['?sslaccept=strict', { rejectUnauthorized: true, host: 'db', servername: 'db' }],
  [`?ssl-mode=VERIFY_IDENTITY&ssl-ca=${authority}`, { ca: expect.stringContaining('BEGIN CERTIFICATE') }],
  [`?sslaccept=strict&sslcert=${authority}`, { ca: expect.stringContaining('BEGIN CERTIFICATE') }],
  ['?ssl-mode=VERIFY_CA', { rejectUnauthorized: true, checkServerIdentity: expect.any(Function) }],
])('TLS is asked for with %s', (parameters, ssl) => {
  const options = mysqlOptions(`mysql://seller:pass@db/billing${parameters}`)
  if (ssl === undefined) expect(options).not.toHaveProperty('ssl')
  else expect(options.ssl).toMatchObject(ssl)
})

test.each([
  ['', false],
  ['?allowPublicKeyRetrieval=true', true],
  ['?allowPublicKeyRetrieval=false', false],
])("the server's key is asked for only with %s", (parameters, asked) => {
  const options = mysqlOptions(`mysql://seller:pass@db/billing${parameters}`)
  expect(options.allowPublicKeyRetrieval ?? false).toBe(asked)
})

test.each([
  ['postgres://seller:secret@localhost/billing', 'does not begin with mysql:// or mariadb://'],
  ['seller:secret', 'does not begin with mysql://'],
  ['not a URL with a secret', 'does not begin with mysql://'],
  ['mysql://seller:secret@localhost:33o6/billing', 'a port that is no number'],
  ['mysql://seller:secret@localhost:99999/billing', 'a port that is no number'],
  ['mysql://seller:secret@/billing', 'no host'],
  ['mysql://seller:secret@my host/billing', 'a host that cannot be one'],
  ['mysql://seller:secret/more@localhost/billing', 'has a user or password with one of / ? #'],
  ['mysql://seller:secret#more@localhost/billing', 'has a user or password with one of / ? #'],
  ['mysql://seller:12?secret@localhost/billing', 'has a user or password with one of / ? #'],
  ['mysql://seller:secret%@localhost/billing', 'write %25'],
  ['mysql://seller:secret@localhost/billing?sslaccept=maybe', 'sslaccept=maybe'],
  ['mysql://seller:secret@localhost/billing?ssl-mode=PREFERRED', 'nobody would notice'],
  ['mysql://seller:secret@localhost/billing?ssl-mode=', 'it may be DISABLED'],
  ['mysql://seller:secret@localhost/billing?ssl=true', 'the unknown parameter ssl (known: ssl-mode'],
  ['mysql://seller:secret@localhost/billing?sslMode=REQUIRED', 'the unknown parameter sslMode'],
  ['mysql://seller:secret@localhost/billing?useSSL=true', 'the unknown parameter useSSL'],
  ['mysql://seller:secret@localhost/billing?connection_limit=5', 'the unknown parameter connection_limit'],
  ['mysql://seller:secret@localhost/billing?ssl-mode=REQUIRED&ssl-mode=DISABLED', 'ssl-mode twice'],
  ['mysql://seller:secret@localhost/billing?ssl-mode=REQUIRED&sslaccept=strict', 'both'],
  [`mysql://seller:secret@localhost/billing?ssl-ca=${authority}`, 'only ssl-mode=VERIFY_CA'],
  [
    'mysql://seller:secret@localhost/billing?ssl-mode=VERIFY_CA&ssl-ca=/no/such',
    'ssl-ca=/no/such, which cannot be read',
  ],
  ['mysql://seller:secret@localhost/billing?allowPublicKeyRetrieval=yes', 'true or false'],
])('%s is refused without a word of the password', (url, why) => {
  expect(() => mysqlOptions(url)).toThrow(why)
  expect(() => mysqlOptions(url)).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining('secret') }),
  )
})
