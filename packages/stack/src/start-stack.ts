import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Panel, type PanelOptions, startPanel } from '@spawnpoint/panel-simulator'
import { type StripeOptions, type StripeSimulator, startStripe } from '@spawnpoint/stripe-simulator'
import { type Claim, claimDirectory } from './claim-directory.ts'
import { createDatabases, type Schema } from './databases.ts'
import { freePort } from './free-port.ts'
import { migrateAll } from './migrate-all.ts'
import { type Mysql, openMysql } from './mysql.ts'
import { type Nats, openNats } from './nats.ts'
import { givenUrls, type NatsUrls, natsPasswords } from './nats-users.ts'
import { type Owned, owning } from './owning.ts'
import { makeDataFolder } from './private-files.ts'
import { localApiKey, serviceEnvironments } from './service-environments.ts'
import { type ServiceName, type ServiceProcess, serviceNames, startService } from './service-process.ts'
import { type Step, silently } from './step.ts'
import { chooseVendors, isDemo, type Vendors } from './vendors.ts'

export type StackOptions = {
  /** Servers, logs and secrets live here; claimed for as long as the stack is up. */
  dataDir: string
  /** MYSQL_URL, NATS_URL, STRIPE_… and PANEL_… say what to use instead of our own; a seller's choices, such as REFUNDS, go to the service that reads them. */
  env?: Record<string, string | undefined>
  /** Before the names of schemas and users, when a given server holds several stacks. */
  prefix?: string
  /** Tried first; any free port when taken or left out. */
  ports?: Partial<Record<ServiceName | 'stripe' | 'panel', number>>
  /** Of our own NATS; each event is stored on up to three of them. 1 when left out. */
  natsNodes?: number
  panel?: PanelOptions
  stripe?: StripeOptions
  /** Scales the durations of the provisioner and of both simulators; 1 when left out. */
  timeScale?: number
  step?: Step
  log?: (line: string) => void
}

export type Stack = AsyncDisposable & {
  mysql: Mysql
  nats: Nats
  databases: Record<Schema, string>
  services: Record<ServiceName, ServiceProcess>
  vendors: Vendors
  /** Only when simulated. */
  stripe?: StripeSimulator
  panel?: Panel
  /** `Authorization: Bearer …` for every service. */
  apiKey: string
  logsDir: string
}

/** MySQL, NATS, Stripe, the panel and the three services, each given or our own: what `npm start` and the tests both boot. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const vendors = chooseVendors(options.env ?? {})
  const started = owning()
  makeDataFolder(options.dataDir)
  try {
    const claim = started.own(await claimDirectory(join(options.dataDir, 'run')))
    const servers = await startServers(options, started)
    const databases = await prepareDatabases(options, servers.mysql)
    const outside = await startSimulators(options, vendors, started)
    const services = await startServices({
      options,
      vendors,
      claim,
      started,
      databases,
      natsUrls: servers.nats.urls,
      ...outside,
    })
    writeServiceUrls(options, services)
    await outside.stripe?.addWebhook(
      `${services['billing-gateway'].url}/webhooks/stripe`,
      outside.stripe.webhookSecret,
    )
    return {
      ...servers,
      ...outside,
      databases,
      services,
      vendors,
      apiKey: localApiKey(options.dataDir),
      logsDir: logsDir(options),
      [Symbol.asyncDispose]: () => started[Symbol.asyncDispose](),
    }
  } catch (error) {
    await started[Symbol.asyncDispose]()
    throw error
  }
}

async function startServers(
  { dataDir, env = {}, natsNodes = 1, step = silently, log = () => {} }: StackOptions,
  { own }: Owned,
) {
  const [mysql, nats] = await allOrError([
    step(
      'MySQL',
      async () => own(await openMysql({ dataDir: join(dataDir, 'mysql'), url: env.MYSQL_URL, log })),
      ({ description }) => description,
    ),
    step(
      'NATS',
      async () =>
        own(
          await openNats({
            ...{ dataDir: join(dataDir, 'nats'), url: env.NATS_URL, urls: givenUrls(env), log },
            ...{ passwords: natsPasswords(dataDir), nodes: natsNodes },
          }),
        ),
      ({ description }) => description,
    ),
  ])
  return { mysql, nats }
}

async function prepareDatabases(
  { dataDir, prefix = '', step = silently }: StackOptions,
  { adminUrl }: Mysql,
) {
  const credentialsFile = join(dataDir, 'secrets/databases.json')
  const { services, migrations } = await createDatabases({ adminUrl, prefix, credentialsFile })
  await step('Schemas', () => migrateAll(migrations), describeMigrations)
  return services
}

function describeMigrations(applied: string[]): string {
  return applied.length === 0 ? 'up to date' : `${applied.length} migrations applied`
}

async function startSimulators(
  { ports = {}, panel: panelOptions, stripe: stripeOptions, timeScale = 1, step = silently }: StackOptions,
  vendors: Vendors,
  { own }: Owned,
): Promise<Pick<Stack, 'stripe' | 'panel'>> {
  const [stripe, panel] = await allOrError([
    vendors.stripe.kind === 'simulated'
      ? step(
          'Stripe',
          async () =>
            own(await startStripe({ timeScale, port: await freePort(ports.stripe), ...stripeOptions })),
          ({ url }) => `simulated, ${url}`,
        )
      : undefined,
    vendors.panel.kind === 'simulated'
      ? step(
          'Panel',
          async () =>
            own(await startPanel({ timeScale, port: await freePort(ports.panel), ...panelOptions })),
          ({ url }) => `simulated, ${url}`,
        )
      : undefined,
  ])
  return { ...(stripe ? { stripe } : {}), ...(panel ? { panel } : {}) }
}

async function startServices({
  options,
  vendors,
  claim,
  started,
  databases,
  natsUrls,
  stripe,
  panel,
}: {
  options: StackOptions
  vendors: Vendors
  claim: Claim
  started: Owned
  databases: Record<Schema, string>
  natsUrls: NatsUrls
} & Pick<Stack, 'stripe' | 'panel'>): Promise<Record<ServiceName, ServiceProcess>> {
  const { dataDir, ports = {}, step = silently, timeScale, natsNodes = 1, env = {} } = options
  const environments = serviceEnvironments({
    dataDir,
    databases,
    natsUrls,
    stripe: stripeAccess(vendors, stripe),
    panel: panelAccess(vendors, panel),
    given: { STREAM_REPLICAS: String(Math.min(natsNodes, 3)), ...env, ...(panel ? reachingHere(env) : {}) },
    ...(timeScale === undefined ? {} : { timeScale }),
  })
  if (!isDemo(vendors)) await requireFree(ports)
  const start = (name: ServiceName) =>
    step(
      name,
      async () =>
        started.own(
          await startService({
            name,
            env: environments[name],
            logsDir: logsDir(options),
            pidFile: claim.pidFile(name),
            ...(ports[name] === undefined ? {} : { port: ports[name] }),
          }),
        ),
      (service) =>
        `${service.url}${moved(ports[name], service.port)}  ready in ${service.readyMs()} ms, ${service.rssMb()} MB`,
    )
  const [gateway, order, provisioner] = await allOrError([
    start('billing-gateway'),
    start('order'),
    start('provisioner'),
  ])
  return { 'billing-gateway': gateway, order, provisioner }
}

// Stripe, a proxy or a shop knows these: another program must not be taken for us, nor we be looked for in vain.
async function requireFree(ports: NonNullable<StackOptions['ports']>): Promise<void> {
  for (const name of serviceNames) {
    const port = ports[name]
    if (port !== undefined && (await freePort(port)) !== port)
      throw new Error(
        `Port ${port} of ${name} is taken: stop what listens there (ss -ltnp 'sport = :${port}')`,
      )
  }
}

function moved(wanted: number | undefined, port: number): string {
  return wanted === undefined || wanted === port ? '' : ` (${wanted} is taken)`
}

function stripeAccess({ stripe: vendor }: Vendors, simulator: StripeSimulator | undefined) {
  if (vendor.kind === 'real') return vendor
  if (!simulator) throw new Error('Stripe is neither real nor simulated')
  return { secretKey: simulator.secretKey, webhookSecret: simulator.webhookSecret, apiUrl: simulator.url }
}

function panelAccess({ panel: vendor }: Vendors, simulator: Panel | undefined) {
  if (vendor.kind === 'real') return vendor
  if (!simulator) throw new Error('The panel is neither real nor simulated')
  return { url: simulator.url, token: simulator.token }
}

// Simulated panels are on this machine.
function reachingHere({ PANEL_PRIVATE_NETWORKS: given }: NonNullable<StackOptions['env']>) {
  return { PANEL_PRIVATE_NETWORKS: ['127.0.0.1', given].filter(Boolean).join(',') }
}

// Ports may differ from the requested ones: this is where the operator's command finds them.
function writeServiceUrls({ dataDir }: StackOptions, services: Stack['services']): void {
  const urls = Object.fromEntries(Object.values(services).map(({ name, url }) => [name, url]))
  writeFileSync(join(dataDir, 'run/services.json'), `${JSON.stringify(urls, null, 2)}\n`)
}

function logsDir({ dataDir }: StackOptions): string {
  return join(dataDir, 'logs')
}

// Waits for all of them before an error goes on, so that nothing is still starting while the rest is stopped.
async function allOrError<T extends unknown[]>(work: [...T]): Promise<{ [K in keyof T]: Awaited<T[K]> }> {
  const ends = await Promise.allSettled(work)
  const errors = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []))
  if (errors.length > 1) throw new AggregateError(errors, 'Not everything could be started')
  return Promise.all(work)
}
