import { domainToASCII } from 'node:url'

/**
 * The address with its domain in ASCII (`xn--…`), which every mail server and vendor takes; the part before the `@` has no such
 * form. An address that is ASCII already, or whose domain has none, is as it was.
 */
export function asciiEmail(email: string): string {
  const at = email.lastIndexOf('@')
  const domain = email.slice(at + 1)
  if (isAscii(domain)) return email
  return `${email.slice(0, at)}@${domainToASCII(domain) || domain}`
}

export function isAscii(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text)
}
