export type FormValue = string | FormValue[] | { [key: string]: FormValue }

/** Stripe's form encoding: `line_items[0][price_data][currency]=usd`, `expand[]=customer`. */
export function parseForm(encoded: string): FormValue {
  const pairs = [...new URLSearchParams(encoded)]
  return nest(pairs.map(([key, value]) => ({ path: pathOf(key), value })))
}

type Entry = { path: string[]; value: string }

function pathOf(key: string) {
  const [head = '', ...rest] = key.split('[')
  return [head, ...rest.map((part) => part.replace(/\]$/, ''))]
}

function nest(entries: Entry[], under = ''): FormValue {
  const groups = new Map<string, Entry[]>()
  entries.forEach(({ path: [head = '', ...path], value }, index) => {
    // `types[]=a&types[]=b` counts by itself
    const key = head === '' ? String(index) : head
    groups.set(key, [...(groups.get(key) ?? []), { path, value }])
  })
  const values = [...groups].map(([key, group]): [string, FormValue] => [key, readGroup(group, key)])
  // Metadata may have keys that are numbers; everything else numbered is a list.
  const isList = under !== '' && under !== 'metadata' && values.every(([key]) => /^\d+$/.test(key))
  return isList ? values.map(([, value]) => value) : Object.fromEntries(values)
}

function readGroup(group: Entry[], key: string): FormValue {
  const leaf = group.findLast(({ path }) => path.length === 0)
  return leaf ? leaf.value : nest(group, key)
}
