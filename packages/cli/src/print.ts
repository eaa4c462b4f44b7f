/** Columns as wide as what stands in them, the last one as it is. */
export function table(head: string[], rows: string[][]): string {
  const all = [head, ...rows].map((row) => row.map(plain))
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)))
  return all
    .map((row) =>
      row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))),
    )
    .map((row) => `${row.join('  ').trimEnd()}\n`)
    .join('')
}

export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`)
}

/**
 * Without what a terminal would obey: a service tells what a vendor or a customer wrote. Not the services' `oneLine`: messages here
 * have several lines, and this command loads nothing of the services.
 */
export function plain(text: string): string {
  return text.replace(/[\p{Cf}\p{Zl}\p{Zp}]|(?!\n)\p{Cc}/gu, '')
}

export function printLine(line: string): void {
  process.stderr.write(`${plain(line)}\n`)
}

/** `3 done, 1 refused`, the greatest first. */
export function countsInWords(counts: Record<string, number>): string {
  const entries = Object.entries(counts).sort(([, a], [, b]) => b - a)
  return entries.map(([name, count]) => `${count} ${name}`).join(', ') || 'nothing'
}
