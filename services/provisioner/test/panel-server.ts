import type { PanelServer } from '../src/panel-types/resources.ts'

/** The server of order `o-1` as the panel shows it, installed, but for what is given. */
export function panelServer(changes: Partial<PanelServer> = {}): PanelServer {
  return {
    id: 7,
    external_id: 'o-1',
    uuid: 'abcd1234-u',
    identifier: 'abcd1234',
    name: 'Home',
    description: 'Order o-1',
    status: null,
    limits: { memory: 1024, swap: 0, disk: 5120, io: 500, cpu: 100, threads: null, oom_disabled: false },
    user: 3,
    node: 1,
    allocation: 5,
    egg: 1,
    container: {
      startup_command: 'java -jar {{SERVER_JARFILE}}',
      image: 'java_21',
      environment: { SERVER_JARFILE: 'server.jar', STARTUP: 'java', P_SERVER_ALLOCATION_LIMIT: 0 },
    },
    ...changes,
  }
}
