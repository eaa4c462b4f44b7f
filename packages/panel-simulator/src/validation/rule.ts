/** A Laravel rule with its parameters, or a question to the database under the name of one. */
export type Rule =
  | { name: string; parameters: string[] }
  | { name: string; accepts: (value: unknown) => boolean }

/** Reads `required|string|max:20`. A regular expression takes the rest of its part as it is. */
export function parseRules(rules: string): Rule[] {
  return rules
    .split('|')
    .filter((part) => part !== '')
    .map((part) => {
      const [name = '', ...rest] = part.split(':')
      const text = rest.join(':')
      const parameters =
        text === '' ? [] : name === 'regex' || name === 'not_regex' ? [text] : text.split(',')
      return { name: snakeCase(name), parameters }
    })
}

export function snakeCase(name: string): string {
  return name.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase()
}

export function unique(isTaken: (value: unknown) => boolean): Rule {
  return { name: 'unique', accepts: (value) => !isTaken(value) }
}

export function exists(isThere: (value: unknown) => boolean): Rule {
  return { name: 'exists', accepts: isThere }
}
