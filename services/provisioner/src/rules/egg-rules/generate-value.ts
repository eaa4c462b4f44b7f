import { randomInt } from 'node:crypto'
import type { EggVariable } from '../../panel-types/resources.ts'
import { checkEnvironment } from './check-environment.ts'

export const characterSets = ['letters_digits', 'letters', 'lower_digits', 'digits'] as const
type CharacterSet = (typeof characterSets)[number]

export type Wanted = {
  generate: 'password'
  length?: number | undefined
  characters?: CharacterSet | undefined
}

const lower = 'abcdefghijklmnopqrstuvwxyz'
const upper = lower.toUpperCase()
const digits = '0123456789'
/** Of each kind a value has one at least. None means anything to a shell, for startup commands contain it. */
const kinds: Record<CharacterSet, string[]> = {
  letters_digits: [lower, upper, digits],
  letters: [lower, upper],
  lower_digits: [lower, digits],
  digits: [digits],
}
/** Tried in this order where the plan names none; the last is for eggs that insist on a sign. */
const orElse = [...Object.values(kinds), [upper, digits], [lower], [upper], [lower, upper, digits, '_.-@']]
/** The first that the egg accepts; shorter than eight is no password. */
const lengths = [24, 32, 48, 64, 20, 16, 12, 10, 8]
/** An expression may accept most values and refuse a few. */
const tries = 5

/** A random value that the egg's rules for the variable accept, as far as they can be judged here; null where none was found. */
export function generateValue(variable: EggVariable, { length, characters }: Wanted): string | null {
  for (const set of characters ? [kinds[characters]] : orElse)
    for (const size of length ? [length] : lengths)
      for (let count = 0; count < tries; count += 1) {
        const value = draw(set, size)
        const findings = checkEnvironment([variable], { [variable.env_variable]: value })
        if (findings.every(({ isUnknown }) => isUnknown)) return value
      }
  return null
}

function draw(set: string[], length: number): string {
  const all = set.join('')
  const drawn = Array.from({ length }, (_, index) => pick(set[index] ?? all))
  for (let index = length - 1; index > 0; index -= 1) {
    const other = randomInt(index + 1)
    const [one = '', two = ''] = [drawn[index], drawn[other]]
    drawn[index] = two
    drawn[other] = one
  }
  return drawn.join('')
}

function pick(characters: string): string {
  return characters.charAt(randomInt(characters.length))
}
