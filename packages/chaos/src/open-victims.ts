import { type Owned, serviceNames } from '@spawnpoint/stack'
import type { World } from './open-world.ts'
import type { Victim } from './schedule-faults.ts'
import { type VictimOptions, type VictimProcess, watchOver } from './victim.ts'

export type Victims = Partial<Record<Victim, VictimProcess>>

/** Everything of ours that may be killed. */
export function openVictims(
  { stack, mysql, nats, clock }: World,
  { own, say }: Pick<Owned, 'own'> & { say: (line: string) => void },
): Victims {
  const watch = (options: Omit<VictimOptions, 'say'>) => own(watchOver({ ...options, say }))
  const services = serviceNames.map((name): [Victim, VictimProcess] => {
    const { pid, exited, kill, start } = stack.services[name]
    const begin = () => (name === 'order' ? start(clock.changes) : start())
    return [name, watch({ name, pid, exited, kill, start: begin })]
  })
  return {
    ...Object.fromEntries(services),
    nats: watch({ name: 'nats', ...server(nats) }),
    ...(mysql.own ? { mysql: watch({ name: 'mysql', ...server(mysql.own) }) } : {}),
  }
}

function server(
  of: Pick<World['nats'], 'pid' | 'kill' | 'start'> & { readonly exited: World['nats']['exited'] },
) {
  const { pid, kill, start } = of
  return { pid, kill, start, exited: () => of.exited }
}
