import { prepare } from './prepare.mjs'

await prepare()
process.setSourceMapsEnabled(true)
// Imported, not spawned: arguments, signals and the exit code are this process's own.
await import(new URL('../packages/stripe-simulator/dist/conform.js', import.meta.url).href)
