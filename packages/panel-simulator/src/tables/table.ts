/** Rows by id, counted up as a database does: an id that was given out is never given out again. */
export function createTable<Row extends { id: number }>() {
  const rows = new Map<number, Row>()
  let last = 0

  return {
    nextId: () => ++last,

    /** Takes the row's own id, or the next one if that is 0. */
    insert(row: Row): Row {
      if (row.id === 0) row.id = ++last
      last = Math.max(last, row.id)
      rows.set(row.id, row)
      return row
    },

    find: (id: number) => rows.get(id),

    /** For the other end of a foreign key, which is always there. */
    get(id: number): Row {
      const row = rows.get(id)
      if (!row) throw new Error(`no row with id ${id}`)
      return row
    },

    first(matches: (row: Row) => boolean): Row | undefined {
      for (const row of rows.values()) if (matches(row)) return row
      return undefined
    },

    where(matches: (row: Row) => boolean): Row[] {
      const found: Row[] = []
      for (const row of rows.values()) if (matches(row)) found.push(row)
      return found
    },

    each(visit: (row: Row) => void): void {
      for (const row of rows.values()) visit(row)
    },

    all: (): Row[] => [...rows.values()].sort((a, b) => a.id - b.id),
    has: (id: number) => rows.has(id),
    delete: (id: number) => rows.delete(id),
  }
}
