import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { root } from './run.mjs'

const services = ['billing-gateway', 'order', 'provisioner']

// Read by `npm start` and by the tools, before any service has an environment of its own.
const ofStart = [
  ['MYSQL_URL', 'an existing MySQL or MariaDB, as a user who may create databases; never started or stopped'],
  ['NATS_URL', 'an existing NATS with JetStream; never started or stopped'],
  [
    'NATS_URL_ORDER',
    'the same NATS as the user of the order service; `NATS_URL_BILLING_GATEWAY`, `NATS_URL_PROVISIONER` and `NATS_URL_OPERATOR` likewise; `NATS_URL` where left out',
  ],
  [
    'SPAWNPOINT_SCHEMA_PREFIX',
    'before the names of the schemas (`billing`, `orders`, `provisioner`) on a given server',
  ],
  [
    'SPAWNPOINT_DATA',
    'where private servers, logs and secrets live, instead of `.data`; `npx spawnpoint` looks there too',
  ],
  ['SPAWNPOINT_ALLOW_MIXED', '`yes` lets a real Stripe meet a simulated panel, or the other way round'],
]

/** Every variable of every service as a Markdown table, from the schemas that the services read their environment with. */
export async function configurationTable() {
  const schemas = await environmentSchemas()
  const rows = new Map()
  for (const service of services)
    for (const [name, schema] of Object.entries(schemas[service].shape)) {
      const row = { means: schema.description ?? '', defaults: {}, ...rows.get(name) }
      row.defaults[service] = defaultOf(schema)
      rows.set(name, row)
    }
  return [
    '| variable | service | default | means |',
    '|---|---|---|---|',
    ...[...rows].map(
      ([name, { means, defaults }]) =>
        `| \`${name}\` | ${readers(defaults)} | ${summary(defaults)} | ${means} |`,
    ),
    ...ofStart.map(([name, means]) => `| \`${name}\` | \`npm start\` | – | ${means} |`),
  ].join('\n')
}

/** The configuration files of nats-server by path, from the contracts. */
export async function natsFiles() {
  const { natsFiles } = await bundled(
    'nats-files',
    "export { natsFiles } from './packages/stack/src/nats-files.ts'",
    {
      '@spawnpoint/contracts': join(root, 'packages/contracts/src/index.ts'),
    },
  )
  return natsFiles
}

function environmentSchemas() {
  const lines = services.map(
    (name) => `export { envSchema as '${name}' } from './services/${name}/src/env.ts'`,
  )
  return bundled('environments', lines.join('\n'), {
    '@spawnpoint/service-kit': join(root, 'packages/service-kit/src/index.ts'),
  })
}

/** Bundled, for plain Node reads no TypeScript. */
async function bundled(name, contents, alias) {
  const folder = join(root, 'infra/dist')
  await mkdir(folder, { recursive: true })
  const outfile = join(folder, `${name}.mjs`)
  await build({
    stdin: { contents, resolveDir: root, loader: 'ts' },
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'warning',
    packages: 'external',
    alias,
  })
  return import(`${pathToFileURL(outfile).href}?${Date.now()}`)
}

function readers(defaults) {
  const names = Object.keys(defaults)
  return names.length === services.length ? 'each' : names.join(', ')
}

function summary(defaults) {
  const values = Object.values(defaults)
  return new Set(values).size === 1 ? values[0] : values.join(', ')
}

function defaultOf(schema) {
  const value = declaredDefault(schema.def)
  if (value !== undefined && value !== '') return `\`${value}\``
  return schema.safeParse(undefined).success ? '–' : '**required**'
}

function declaredDefault(def) {
  if (!def) return undefined
  return def.type === 'default' ? def.defaultValue : declaredDefault((def.innerType ?? def.in)?.def)
}
