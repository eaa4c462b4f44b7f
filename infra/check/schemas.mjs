import { installed, run } from '../run.mjs'

const drift = 'packages/stack/test/schema-drift.test.ts'

/** On a real server: what the migrations make is what each schema.prisma says. */
export async function schemasMatchTheirMigrations() {
  const servers = await run(process.execPath, ['packages/stack/dist/ensure-servers.js'])
  if (servers.code !== 0) return [servers.output]
  const { code, output } = await run(installed('vitest'), [
    'run',
    '--config',
    'infra/vitest.config.ts',
    drift,
  ])
  return code === 0 ? [] : [output]
}
