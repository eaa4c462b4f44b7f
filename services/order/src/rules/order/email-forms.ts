import { domainToASCII, domainToUnicode } from 'node:url'

/** The ways to write one address: as given, and with its domain in ASCII (`xn--…`) and in its own script, in lower case. */
export function emailForms(email: string): string[] {
  const at = email.lastIndexOf('@')
  const [local, domain] = [email.slice(0, at), email.slice(at + 1)]
  const forms = [domain, domainToASCII(domain), domainToUnicode(domain)].filter((form) => form !== '')
  return [...new Set(forms.map((form) => `${local}@${form}`.normalize('NFC').toLowerCase()))]
}
