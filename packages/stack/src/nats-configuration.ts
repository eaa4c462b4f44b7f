export type NatsConfiguration = {
  listen: string
  storeDir: string
  /** What is acknowledged is on the disk. Needs nats-server 2.10: older ones refuse to start over an option they do not know. */
  syncAlways: boolean
  /** An `authorization` block; left out: anybody may do everything. */
  users?: string | undefined
  /** Where the monitoring page listens; it tells everything to anybody who reaches it. */
  monitoring?: string
  cluster?: { node: string; listen: string; password: string; routes: string; advertise?: string } | undefined
}

/** A nats-server's configuration file; each value as the file has it: `$NAME` is taken from the server's environment. */
export function natsConfiguration({
  listen,
  storeDir,
  syncAlways,
  users,
  monitoring,
  cluster,
}: NatsConfiguration): string {
  const lines = [
    `server_name: ${cluster?.node ?? 'spawnpoint'}`,
    `listen: ${listen}`,
    ...(monitoring ? [`http: ${monitoring}`] : []),
    'jetstream {',
    `  store_dir: ${storeDir}`,
    ...(syncAlways ? ['  sync_interval: always'] : []),
    '}',
    ...(cluster
      ? [
          'cluster {',
          '  name: spawnpoint',
          `  listen: ${cluster.listen}`,
          ...(cluster.advertise ? [`  advertise: ${cluster.advertise}`] : []),
          // Only for the connections between the nodes: nobody else has it.
          `  authorization { user: node, password: ${cluster.password} }`,
          `  routes: ${cluster.routes}`,
          '}',
        ]
      : []),
  ]
  return `${lines.join('\n')}\n${users ?? ''}`
}
