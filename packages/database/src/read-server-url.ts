export type UrlRules = {
  /** How messages call it: `DATABASE_URL`. */
  name: string
  /** `mysql:`; the first is named where none is given. */
  protocols: readonly [string, ...string[]]
  /** The parameters that mean something; any other is refused, for a misspelt one would silently do nothing. */
  parameters: readonly string[]
  example: string
}

/** A server's URL in its parts, or an error that names the part that is wrong, without repeating what may be the password. */
export function readServerUrl(text: string, { name, protocols, parameters, example }: UrlRules): URL {
  const refuse = (why: string): never => {
    throw new Error(`${name} ${why}: ${example}`)
  }
  const scheme = /^([a-z][a-z+.-]*:)\/\//i.exec(text)?.[1]?.toLowerCase()
  if (!scheme || !protocols.includes(scheme)) refuse(`does not begin with ${protocols.join('// or ')}//`)
  const afterScheme = text.slice(text.indexOf('//') + 2)
  const authority = /^[^/?#]*/.exec(afterScheme)?.[0] ?? ''
  if (!authority.includes('@') && afterScheme.includes('@'))
    refuse('has a user or password with one of / ? #, which is written %2F %3F %23')
  if (!URL.canParse(text)) refuse(`has ${wrongPart(authority)}`)
  const url = new URL(text)
  if (url.hostname === '') refuse('names no host')
  for (const part of [url.username, url.password, url.pathname])
    if (!isEncoded(part)) refuse('has a % that is not followed by two hexadecimal digits: write %25 for it')
  const seen = new Set<string>()
  for (const parameter of url.searchParams.keys()) {
    if (!parameters.includes(parameter))
      refuse(`has the unknown parameter ${parameter} (known: ${parameters.join(', ')})`)
    if (seen.has(parameter)) refuse(`has the parameter ${parameter} twice`)
    seen.add(parameter)
  }
  return url
}

function wrongPart(authority: string): string {
  const server = authority.slice(authority.lastIndexOf('@') + 1)
  const port = /:([^:\]]*)$/.exec(server)?.[1]
  if (port !== undefined && !(/^\d*$/.test(port) && Number(port) <= 65_535))
    return 'a port that is no number of 1 to 65535'
  return server === '' ? 'no host' : 'a host that cannot be one'
}

function isEncoded(part: string): boolean {
  try {
    decodeURIComponent(part)
    return true
  } catch {
    return false
  }
}
