const closing: Record<string, string> = { '(': ')', '[': ']', '{': '}', '<': '>' }

/** What the panel's engine reads otherwise than ours, or ours not at all. */
const foreign = /\[\[:|\\[QEGKRXCpPx]\{?|\(\?[>|#&PR+-]|\(\*|[+*?}]\+/

/** `/^[a-z]+$/i` as the panel has it; null where it cannot be read here. */
export function readExpression(text: string): RegExp | null {
  const first = text.charAt(0)
  const end = text.lastIndexOf(closing[first] ?? first)
  if (end < 1 || /[\w\s\\]/.test(first)) return null
  const [source, flags] = [text.slice(1, end), text.slice(end + 1).replace('D', '')]
  if (!/^[ims]*u?[ims]*$/.test(flags) || foreign.test(source)) return null
  try {
    return new RegExp(ours(source, first), flags.replace('u', ''))
  } catch {
    return null
  }
}

function ours(source: string, delimiter: string): string {
  return source
    .replaceAll(`\\${delimiter}`, delimiter === '/' ? '\\/' : delimiter)
    .replaceAll('\\A', '^')
    .replaceAll('\\z', '$')
    .replaceAll('\\Z', '$')
    .replaceAll('\\h', '[ \\t]')
}
