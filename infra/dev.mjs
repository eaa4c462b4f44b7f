import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { prepare } from './prepare.mjs'
import { root } from './run.mjs'

// `npm start`, and each service is built and restarted when one of its sources changes.
await prepare()
for (const service of ['billing-gateway', 'order', 'provisioner']) {
  const builder = spawn(process.execPath, [join(root, 'infra/build.mjs'), '--watch', '--whole'], {
    cwd: join(root, 'services', service),
    stdio: ['pipe', 'inherit', 'inherit'],
  })
  process.on('exit', () => builder.kill())
}
process.argv.push('--watch')
process.setSourceMapsEnabled(true)
await import(new URL('../packages/stack/dist/start.js', import.meta.url).href)
