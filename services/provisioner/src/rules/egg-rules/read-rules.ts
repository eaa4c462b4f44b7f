export type Rule = { name: string; parameters: string[] }

/** Reads `required|string|in:a,"b,c"|max:20`, or a list of such rules. The parameter of an expression is the whole rest, commas and all. */
export function readRules(rules: string | string[]): Rule[] {
  return (typeof rules === 'string' ? rules.split('|') : rules)
    .filter((part) => part.trim() !== '')
    .map((part) => {
      const [, name = part, rest] = /^\s*(\w+)\s*(?::(.*))?$/s.exec(part) ?? []
      const isExpression = /^(not_?)?regex$/i.test(name)
      return {
        name: snakeCase(name),
        parameters: rest === undefined ? [] : isExpression ? [rest] : list(rest),
      }
    })
}

function list(text: string): string[] {
  if (!text.includes('"')) return text.split(',')
  return [...text.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
  )
}

// `alphaNum` and `alpha_num` are the same rule.
function snakeCase(name: string): string {
  return name.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase()
}
