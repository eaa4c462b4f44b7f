import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Action, modelProvisioner } from '../../test/model-provisioner.ts'
import { serverMissing, wasDelivered } from './server.ts'

const runs = { numRuns: 5_000 }

const often = <T>(weight: number, arbitrary: fc.Arbitrary<T>) => ({ weight, arbitrary })
const action: fc.Arbitrary<Action> = fc.oneof(
  often(2, fc.constantFrom<Action>({ do: 'want', desired: 'running' }, { do: 'want', desired: 'suspended' })),
  often(1, fc.constantFrom<Action>({ do: 'want', desired: 'terminated' }, { do: 'lose' })),
  often(1, fc.constant<Action>({ do: 'give-up-missing' })),
  often(8, fc.constant<Action>({ do: 'drive' })),
  often(4, fc.record({ do: fc.constant('land' as const), which: fc.nat(3), answered: fc.boolean() })),
  often(2, fc.constant<Action>({ do: 'give-up' })),
  often(2, fc.constant<Action>({ do: 'install' })),
  often(
    2,
    fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(1, 1_000, 60_000, 119_999, 120_000) }),
  ),
)
const story = fc.array(action, { minLength: 5, maxLength: 60 })

test('whatever is desired, lost and carried out late, in the end the panel shows the desired state', () => {
  fc.assert(
    fc.property(story, (actions) => {
      const { take, settle, row, shows } = modelProvisioner()
      for (const one of actions) take(one)
      settle()
      const shown = shows()?.status
      switch (row().desired) {
        case 'running':
          // What its customer had is not made anew before a person gives it up.
          if (row().error_class === serverMissing) {
            expect(actions).toContainEqual({ do: 'lose' })
            expect([shown, wasDelivered(row())]).toEqual([undefined, true])
            break
          }
          expect([shown, row().status]).toEqual([null, 'provisioned'])
          break
        case 'suspended':
          expect(['suspended', undefined]).toContain(shown)
          expect(row().status).toBe('suspended')
          break
        default:
          expect([shown, row().status]).toEqual([undefined, 'terminated'])
      }
    }),
    runs,
  )
})

test('once a server is published as terminated, it never appears again', () => {
  fc.assert(
    fc.property(story, (actions) => {
      const { take, settle, told, shows } = modelProvisioner()
      for (const one of [...actions, { do: 'want', desired: 'terminated' } as const]) {
        take(one)
        if (told.includes('terminated')) expect(shows()).toBeNull()
      }
      settle()
      expect(told.filter((news) => news === 'terminated')).toHaveLength(1)
      expect(shows()).toBeNull()
    }),
    runs,
  )
})
