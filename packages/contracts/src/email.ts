import { z } from 'zod'

const atom = "[\\p{L}\\p{M}\\p{N}!#$%&'*+/=?^_`{|}~-]+"
const label = '[\\p{L}\\p{N}](?:[\\p{L}\\p{M}\\p{N}-]{0,61}[\\p{L}\\p{M}\\p{N}])?'
const topLevel = '(?:[\\p{L}\\p{M}]{2,63}|xn--[a-z0-9-]{1,59})'

/**
 * An address to which mail can be sent: letters of any script before the `@` (RFC 6531) and in the domain, which has a dot.
 * Quoted local parts, comments and IP addresses, which RFC 5321 would allow, are refused.
 */
export const emailSchema = z
  .email({ pattern: new RegExp(`^(?=[^@]{1,64}@)${atom}(?:\\.${atom})*@(?:${label}\\.)+${topLevel}$`, 'u') })
  .max(191)
