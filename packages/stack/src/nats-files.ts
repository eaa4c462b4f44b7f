import { natsConfiguration } from './nats-configuration.ts'
import { authorizationFromEnvironment } from './nats-users.ts'

const header =
  '# Generated: npm run document. Passwords, and what else begins with $, come from the environment.\n'

const common = {
  listen: '0.0.0.0:4222',
  storeDir: '/data',
  syncAlways: true,
  monitoring: '127.0.0.1:8222',
  users: authorizationFromEnvironment(),
}

/** The configuration files of an installation: one server, and each node of a cluster. Path and text. */
export const natsFiles: Record<string, string> = {
  'infra/nats/nats.conf': header + natsConfiguration(common),
  'infra/nats/cluster.conf':
    header +
    natsConfiguration({
      ...common,
      cluster: {
        node: '$NATS_NODE',
        listen: '0.0.0.0:6222',
        password: '$NATS_NODE_PASSWORD',
        routes: '$NATS_ROUTES',
      },
    }),
}
