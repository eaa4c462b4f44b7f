import { type Owned, serviceNames } from '@spawnpoint/stack'
import type { Environment } from './open-environment.ts'
import type { Target } from './schedule-faults.ts'
import { type TargetOptions, type TargetProcess, watchOver } from './target.ts'

export type Targets = Partial<Record<Target, TargetProcess>>

/** Everything of ours that may be killed. */
export function openTargets(
  { stack, mysql, nats, clock }: Environment,
  { own, say }: Pick<Owned, 'own'> & { say: (line: string) => void },
): Targets {
  const watch = (options: Omit<TargetOptions, 'say'>) => own(watchOver({ ...options, say }))
  const services = serviceNames.map((name): [Target, TargetProcess] => {
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
  of: Pick<Environment['nats'], 'pid' | 'kill' | 'start'> & {
    readonly exited: Environment['nats']['exited']
  },
) {
  const { pid, kill, start } = of
  return { pid, kill, start, exited: () => of.exited }
}
