const file = (name: string) => new URL(`../certificates/${name}.pem`, import.meta.url).pathname

/** Paths of a server's certificate for `localhost`, of its authority's, and of an authority that signed nothing. For tests of TLS alone. */
export const testCertificates = {
  authority: file('ca'),
  otherAuthority: file('other-ca'),
  server: file('server'),
  serverKey: file('server-key'),
}
