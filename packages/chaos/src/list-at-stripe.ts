type Access = { url: string; secretKey: string }
type Page<Item> = { data: Item[]; has_more: boolean }

/** A whole list, page by page: past every wire, and so past every fault. */
export async function listAtStripe<Item extends { id: string }>(
  { url, secretKey }: Access,
  path: string,
): Promise<Item[]> {
  const items: Item[] = []
  for (let after = ''; ; ) {
    const separator = path.includes('?') ? '&' : '?'
    const response = await fetch(`${url}/v1/${path}${separator}limit=100${after}`, {
      headers: { authorization: `Bearer ${secretKey}` },
    })
    if (!response.ok) throw new Error(`GET ${path} was answered ${response.status}: ${await response.text()}`)
    const page = (await response.json()) as Page<Item>
    items.push(...page.data)
    const last = page.data.at(-1)
    if (!page.has_more || !last) return items
    after = `&starting_after=${last.id}`
  }
}
