/** What documentation and templates write where a secret belongs; what is made at random never looks so. */
const example =
  /change[-_]?me|placeholder|your[-_][\w-]*(?:secret|key|token|password)|<[^>]*>|\.{3}|…|x{6,}|0123456789abcdef|^(?:password|secret|example|admin|root|spawnpoint)$/i

export function isExample(secret: string): boolean {
  return example.test(secret)
}

/** Whether a secret is an example, or so plain that it can be guessed. */
export function isGuessable(secret: string): boolean {
  return new Set(secret).size < 8 || isExample(secret)
}

/** Whether the password of a server's URL is an example; several servers stand between commas. */
export function hasExamplePassword(url: string): boolean {
  const passwords = url.matchAll(/\/\/[^/?#@:,]*:([^/?#@]*)@/g)
  return [...passwords].some(([, password = '']) => isExample(password))
}
