import { expect, test } from 'vitest'
import type { Entitlement } from './entitlement.ts'
import type { ServerSeen } from './seen.ts'
import { createServerHistory } from './server-history.ts'

type Claim = Entitlement['claim']
type State = 'runs' | 'suspended' | 'installing' | 'gone'

test.each<[string, [Claim, State][], boolean]>([
  [
    'suspended',
    [
      ['entitled', 'runs'],
      ['entitled', 'runs'],
      ['entitled', 'suspended'],
    ],
    true,
  ],
  [
    'deleted',
    [
      ['entitled', 'runs'],
      ['entitled', 'runs'],
      ['entitled', 'gone'],
    ],
    true,
  ],
  [
    'suspended, and running at the end',
    [
      ['entitled', 'runs'],
      ['entitled', 'runs'],
      ['entitled', 'suspended'],
      ['entitled', 'runs'],
    ],
    true,
  ],
  [
    'running',
    [
      ['entitled', 'runs'],
      ['entitled', 'runs'],
      ['entitled', 'runs'],
    ],
    false,
  ],
  [
    'not entitled',
    [
      ['entitled', 'runs'],
      ['entitled', 'runs'],
      ['not-entitled', 'suspended'],
    ],
    false,
  ],
  [
    'not entitled lately',
    [
      ['not-entitled', 'runs'],
      ['entitled', 'runs'],
      ['entitled', 'suspended'],
    ],
    false,
  ],
  [
    'undecided lately',
    [
      ['undecided', 'runs'],
      ['entitled', 'runs'],
      ['entitled', 'suspended'],
    ],
    false,
  ],
  [
    'back only slowly',
    [
      ['entitled', 'suspended'],
      ['entitled', 'suspended'],
      ['entitled', 'suspended'],
    ],
    false,
  ],
])('%s', (_, observations, isHarmed) => {
  const history = createServerHistory()
  for (const [at, [claim, state]] of observations.entries())
    history.observe('one', { at, entitlement: { claim, why: 'Paid' }, servers: serversIn(state) })
  expect(history.harmed().has('one')).toBe(isHarmed)
})

function serversIn(state: State): ServerSeen[] {
  const status = state === 'runs' ? null : state
  const server = { id: 7, identifier: 'abcd1234', external_id: 'order-1', name: 'one' }
  return state === 'gone' ? [] : [{ ...server, status, owner: 'buyer@example.com', memory: 1_024 }]
}
