import { prepare } from './prepare.mjs'
import { runInForeground } from './run.mjs'

await prepare()
const servers = await runInForeground(process.execPath, ['packages/stack/dist/ensure-servers.js'])
if (servers !== 0) process.exit(servers)

process.setSourceMapsEnabled(true)
// Imported, not spawned: arguments, signals and the exit code are this process's own.
await import(new URL('../packages/chaos/dist/main.js', import.meta.url).href)
