import { expect, test } from 'vitest'
import * as contracts from '../index.ts'

test('every RPC is listed once, with the service that its subject names as the one who answers', () => {
  const defined = Object.values(contracts).flatMap((one): string[] =>
    typeof one === 'object' && 'subject' in one && typeof one.subject === 'string' ? [one.subject] : [],
  )
  const listed = contracts.rpcs.map(({ contract }) => contract.subject)
  expect(listed.toSorted()).toEqual([...new Set(defined)].toSorted())
  for (const { contract, answeredBy } of contracts.rpcs)
    for (const subject of [contract.subject, contract.formerly ?? contract.subject])
      expect(subject).toMatch(new RegExp(`^rpc\\.${answeredBy}\\.`))
})
