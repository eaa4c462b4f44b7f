import { fileURLToPath } from 'node:url'

const file = (name: string) => fileURLToPath(new URL(`../certificates/${name}.pem`, import.meta.url))

/** Paths of a server's certificate for `localhost`, of its authority's, and of an authority that signed nothing. For tests of TLS alone. */
export const testCertificates = {
  authority: file('ca'),
  otherAuthority: file('other-ca'),
  server: file('server'),
  serverKey: file('server-key'),
}
