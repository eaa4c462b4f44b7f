import { expect, test } from 'vitest'
import { owning } from './owning.ts'

test('owned resources are closed in reverse order, also when one of them fails', async () => {
  const gone: string[] = []
  const { own, ...owned } = owning()
  own({ [Symbol.dispose]: () => void gone.push('claim') })
  own({ [Symbol.asyncDispose]: () => Promise.reject(new Error('MySQL hangs')) })
  own({ [Symbol.asyncDispose]: async () => void gone.push('service') })

  await expect(owned[Symbol.asyncDispose]()).rejects.toMatchObject({ errors: [new Error('MySQL hangs')] })
  expect(gone).toEqual(['service', 'claim'])
})
