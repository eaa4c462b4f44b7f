import { expect, test } from 'vitest'
import { emailForms } from './email-forms.ts'

test('one address is the same in any case and with its domain in either script', () => {
  expect(emailForms('Alex@Example.com')).toEqual(['alex@example.com'])
  const written = ['Jörg@Müller.example', 'jörg@xn--mller-kva.example']
  const [first, second] = written.map((email) => emailForms(email).toSorted())
  expect(first).toEqual(second)
})
