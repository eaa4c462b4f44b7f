import { z } from '@hono/zod-openapi'

/** The address of a panel, such as `https://panel.example.com`. */
export const panelUrl = z
  .url({ protocol: /^https?$/, error: 'an address such as https://panel.example.com' })
  .max(1_000)
  .refine(isPlain, 'without a user, a query or a fragment')
  .transform((url) => new URL(url).href.replace(/\/+$/, ''))

function isPlain(url: string): boolean {
  if (!URL.canParse(url)) return true
  const { username, password, search, hash } = new URL(url)
  return [username, password, search, hash].every((part) => part === '')
}
