/** The first page of a list without a `limit`; nested lists never have one. */
export const firstPage = 10

/**
 * An object as it leaves Stripe: each list within it is cut at its first page and has `has_more`, in answers and in
 * events alike. Source: docs.stripe.com/api/invoice-line-item ("the first handful of those items. There is also a URL
 * where you can retrieve the full (paginated) list"), docs.stripe.com/api/pagination (10 unless a limit is given), and
 * public reports of a twelfth line that is missing (stripe-dotnet).
 */
export function cutLists<T>(value: T): T {
  if (Array.isArray(value)) return cutAll(value)
  if (!isPlain(value)) return value
  const cut: Record<string, unknown> = {}
  for (const [key, inner] of Object.entries(value)) {
    const shorter = cutLists(inner)
    if (shorter !== inner) cut[key] = shorter
  }
  if (isLong(value)) {
    cut.data = cutAll(value.data.slice(0, firstPage))
    if ('has_more' in value) cut.has_more = true
  }
  return Object.keys(cut).length === 0 ? value : { ...value, ...cut }
}

function cutAll<T>(items: T): T
function cutAll(items: readonly unknown[]) {
  const cut = items.map((item) => cutLists(item))
  return cut.some((item, index) => item !== items[index]) ? cut : items
}

function isLong(value: object): value is { data: unknown[] } {
  return 'data' in value && Array.isArray(value.data) && value.data.length > firstPage
}

/** Not a decimal of the SDK, for example: such values pass whole. */
function isPlain(value: unknown): value is object {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}
