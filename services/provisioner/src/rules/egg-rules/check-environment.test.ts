import { recordedExchanges } from '@spawnpoint/panel-simulator'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { checkEnvironment, type EggVariable } from './check-environment.ts'

type Case = [rules: string, value: string, broken: string[]]

const cases: Case[] = [
  ['required|string|max:20', 'latest', []],
  ['required|string|max:3', 'latest', ['max']],
  ['required|string', '', ['required']],
  ['required|string', '   ', ['required']],
  ['nullable|string|max:20', '', []],
  ['string|max:20', '', ['string']],
  ['max:20', '', []],
  ['required|boolean', '1', []],
  ['required|boolean', 'true', ['boolean']],
  ['required|integer', '012', ['integer']],
  ['required|integer', '-12', []],
  ['required|integer', '1e3', ['integer']],
  ['required|numeric', '1e3', []],
  ['required|numeric|between:1,100', '99.5', []],
  ['required|numeric|max:100', '101', ['max']],
  ['required|integer|digits:4', '2024', []],
  ['required|digits_between:2,3', '4444', ['digits_between']],
  ['required|in:a,b', 'c', ['in']],
  ['required|in:"a,b",c', 'a,b', []],
  ['nullable|in:a,b', '', []],
  ['in:a,b', '', ['in']],
  ['required|alpha_num', 'Größe1', []],
  ['required|alpha_num:ascii', 'Größe1', ['alpha_num']],
  ['required|alpha:ascii', 'ä', ['alpha']],
  ['required|alpha_dash:ascii', 'a_b-1', []],
  ['required|integer', '9223372036854775807', []],
  ['required|integer', '9223372036854775808', ['integer']],
  ['required|alphaNum', 'a b', ['alpha_num']],
  ['required|alpha_dash', 'a_b-1', []],
  ['required|string|size:3', '👍👍👍', []],
  ['required|min:5|max:3', 'four', ['min', 'max']],
  ['bail|required|min:5|max:3', 'four', ['min']],
  ['required|regex:/^([\\w\\d._-]+)(\\.jar)$/', 'server.jar', []],
  ['required|regex:/^([\\w\\d._-]+)(\\.jar)$/', 'server', ['regex']],
  ['required|regex:#^a/b$#i', 'A/B', []],
  ['required|regex:/\\A[a-z]+\\z/', 'abc', []],
  ['required|not_regex:/^x/', 'xa', ['not_regex']],
  ['required|ip', '203.0.113.256', ['ip']],
  ['required|url', 'https://example.com/a', []],
  ['required|url', 'example.com', ['url']],
  ['required|starts_with:http,ftp', 'ssh://a', ['starts_with']],
]

test.each(cases)('%s of %j breaks %j', (rules, value, broken) => {
  const findings = checkEnvironment([variable(rules)], { SLOTS: value })
  expect(findings.map(({ rule }) => rule)).toEqual(broken)
  expect(findings.every(({ isUnknown }) => !isUnknown)).toBe(true)
})

test.each([
  'required|date_format:Y',
  'required|required_if:OTHER,1',
  'required|gt:OTHER',
  'required|regex:/(/',
  'required|regex:/^[[:alpha:]]+$/',
  'required|regex:/^a++$/',
  'required|regex:/^a$/x',
  // The panel itself breaks an expression at its bars.
  'required|regex:/^(a|b)$/',
])('what cannot be judged here is reported, never passed: %s', (rules) => {
  const unknown = checkEnvironment([variable(rules)], { SLOTS: 'a' }).filter(({ isUnknown }) => isUnknown)
  expect(unknown.length).toBeGreaterThan(0)
  expect(unknown[0]?.message).toContain('only the panel can judge')
})

test('a message names the variable as the shop knows it', () => {
  const [finding] = checkEnvironment([variable('required|in:a,b')], { SLOTS: 'c' })
  expect(finding?.message).toBe('Slots (SLOTS) must be one of a, b.')
})

describe('as a real panel judged', () => {
  const eggs = readEggs()
  const bodies = recordedExchanges().flatMap(({ name, request, response }) => {
    const sent = z
      .object({ egg: z.number(), environment: z.record(z.string(), z.unknown()) })
      .safeParse(request.body)
    if (!sent.success || !response || !request.method.startsWith('P')) return []
    const variables = eggs.get(sent.data.egg)
    const isText = Object.values(sent.data.environment).every((value) => typeof value === 'string')
    const judged = response.status === 201 || brokenOf(response.body).length > 0
    return variables && isText && judged
      ? [[name, variables, sent.data.environment, brokenOf(response.body)] as const]
      : []
  })

  test.each(bodies)('%s', (_, variables, environment, broken) => {
    const findings = checkEnvironment(variables, z.record(z.string(), z.string()).parse(environment))
    expect(findings.map(({ variable, rule }) => `${variable}:${rule}`)).toEqual(broken)
  })

  test('both refusals and servers that were made were held', () => {
    expect(bodies.filter(([, , , broken]) => broken.length > 0).length).toBeGreaterThan(3)
    expect(bodies.filter(([, , , broken]) => broken.length === 0).length).toBeGreaterThan(80)
  })
})

const list = <T extends z.ZodType>(attributes: T) => z.object({ data: z.array(z.object({ attributes })) })
const eggList = list(
  z.object({
    id: z.number(),
    relationships: z.object({
      variables: list(z.object({ name: z.string(), env_variable: z.string(), rules: z.string() })),
    }),
  }),
)

function readEggs(): Map<number, EggVariable[]> {
  const listed = recordedExchanges().find(({ name }) => name === 'nest-eggs-include-variables-200')
  const { data } = eggList.parse(listed?.response?.body)
  return new Map(
    data.map(({ attributes: { id, relationships } }) => [
      id,
      relationships.variables.data.map(({ attributes }) => attributes),
    ]),
  )
}

function brokenOf(body: unknown): string[] {
  const refusal = z.object({
    errors: z.array(
      z.object({ meta: z.object({ source_field: z.string(), rule: z.string() }).partial().optional() }),
    ),
  })
  const errors = refusal.safeParse(body).data?.errors ?? []
  return errors.flatMap(({ meta }) => {
    const name = meta?.source_field?.replace(/^environment\./, '')
    return name && name !== meta?.source_field ? [`${name}:${meta?.rule}`] : []
  })
}

function variable(rules: string): EggVariable {
  return { name: 'Slots', env_variable: 'SLOTS', rules }
}
