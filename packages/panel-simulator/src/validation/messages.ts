import { snakeCase } from './rule.ts'

type Size = 'numeric' | 'string' | 'array'

const texts: Record<string, string | Record<Size, string>> = {
  alpha: 'The :attribute may only contain letters.',
  alpha_dash: 'The :attribute may only contain letters, numbers, and dashes.',
  alpha_num: 'The :attribute may only contain letters and numbers.',
  array: 'The :attribute must be an array.',
  between: {
    numeric: 'The :attribute must be between :0 and :1.',
    string: 'The :attribute must be between :0 and :1 characters.',
    array: 'The :attribute must have between :0 and :1 items.',
  },
  boolean: 'The :attribute field must be true or false.',
  digits: 'The :attribute must be :0 digits.',
  digits_between: 'The :attribute must be between :0 and :1 digits.',
  email: 'The :attribute must be a valid email address.',
  exists: 'The selected :attribute is invalid.',
  in: 'The selected :attribute is invalid.',
  integer: 'The :attribute must be an integer.',
  ip: 'The :attribute must be a valid IP address.',
  max: {
    numeric: 'The :attribute may not be greater than :0.',
    string: 'The :attribute may not be greater than :0 characters.',
    array: 'The :attribute may not have more than :0 items.',
  },
  min: {
    numeric: 'The :attribute must be at least :0.',
    string: 'The :attribute must be at least :0 characters.',
    array: 'The :attribute must have at least :0 items.',
  },
  not_in: 'The selected :attribute is invalid.',
  numeric: 'The :attribute must be a number.',
  p_username:
    'The :attribute must start and end with alpha-numeric characters and\n                contain only letters, numbers, dashes, underscores, and periods.',
  present: 'The :attribute field must be present.',
  regex: 'The :attribute format is invalid.',
  required: 'The :attribute field is required.',
  required_with: 'The :attribute field is required when :fields is present.',
  required_without: 'The :attribute field is required when :fields is not present.',
  size: {
    numeric: 'The :attribute must be :0.',
    string: 'The :attribute must be :0 characters.',
    array: 'The :attribute must contain :0 items.',
  },
  string: 'The :attribute must be a string.',
  unique: 'The :attribute has already been taken.',
  url: 'The :attribute format is invalid.',
}

/** The panel's own English, which is older than Laravel's. */
export function messageFor(failure: {
  rule: string
  parameters: string[]
  attribute: string
  size: Size
}): string {
  const text = texts[failure.rule]
  if (text === undefined) throw new Error(`the panel's text for the rule ${failure.rule} is not simulated`)
  return (typeof text === 'string' ? text : text[failure.size])
    .replace(':attribute', failure.attribute)
    .replace(':fields', failure.parameters.map(labelOf).join(' / '))
    .replace(/:(\d)/g, (_, index) => failure.parameters[Number(index)] ?? '')
}

/** `docker_image` is called "docker image" unless the form has a name for it. */
export function labelOf(attribute: string): string {
  return snakeCase(attribute).replaceAll('_', ' ')
}
