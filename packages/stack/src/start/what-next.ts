import { join, relative } from 'node:path'
import type { Stack } from '../start-stack.ts'
import { demo } from './seed.ts'
import type { Terminal } from './terminal.ts'

/** Where everything is, and three things worth trying, each a line to paste. */
export function showWhatNext(
  { services, stripe, panel, apiKey, mysql, nats, logsDir, vendors }: Stack,
  terminal: Terminal,
): void {
  const { bold, dim, line } = terminal
  const where = ([name, value]: [string, string]) => line(`  ${name.padEnd(16)} ${value}`)
  const gateway = services['billing-gateway']
  const places: [string, string][] = [
    ['Shop API', `${services.order.url}  ${dim(`Authorization: Bearer ${apiKey}`)}`],
    ['Stripe webhooks', `${gateway.url}/webhooks/stripe`],
    ['Provisioner', services.provisioner.url],
    ['Stripe', stripe ? `${stripe.url}  ${dim(`simulated, key ${stripe.secretKey}`)}` : 'the real one'],
    [
      'Panel',
      panel ? `${panel.url}  ${dim('simulated')}` : vendors.panel.kind === 'real' ? vendors.panel.url : '',
    ],
    ['MySQL', mysql.description],
    ['NATS', nats.description],
    ['Logs', relative(process.cwd(), logsDir) || '.'],
  ]
  line()
  places.forEach(where)
  line()
  line(bold('Try next'))
  const pidFile = relative(process.cwd(), join(logsDir, '../run/provisioner.pid'))
  if (stripe && panel) suggestDemo({ services, apiKey, panelUrl: panel.url, pidFile }, terminal)
  else suggestReal(gateway.url, terminal)
  line()
  line(dim('Ctrl-C stops all of it. The data stays for the next start; what is simulated begins empty.'))
}

function suggestDemo(
  {
    services,
    apiKey,
    panelUrl,
    pidFile,
  }: Pick<Stack, 'services' | 'apiKey'> & { panelUrl: string; pidFile: string },
  { line, dim }: Terminal,
): void {
  const { plan, region, customer, serverName } = demo
  const body = JSON.stringify({ plan, region, customer, server_name: serverName.replaceAll("'", '') })
  const json = "-H 'content-type: application/json'"
  line(`  1. Buy one yourself, and open the checkout_url in a browser`)
  line(
    dim(
      `     curl -s ${services.order.url}/orders -H 'authorization: Bearer ${apiKey}' -H "idempotency-key: $RANDOM$RANDOM" ${json} -d '${body}'`,
    ),
  )
  line(
    `  2. Let the panel create the next server but answer 504, buy again (1), and look: still only one appears`,
  )
  line(
    dim(
      `     curl -s ${panelUrl}/_simulator/faults ${json} -d '{"when":{"method":"POST","path":"/servers$","times":1},"do":{"kind":"created-then-504"}}'`,
    ),
  )
  line(dim(`     curl -s ${services.order.url}/orders -H 'authorization: Bearer ${apiKey}'`))
  line(`  3. Kill the provisioner in the middle of a sale: it comes back and finishes`)
  line(dim(`     kill -9 $(cut -d' ' -f1 ${pidFile})`))
}

function suggestReal(gatewayUrl: string, { line, dim }: Terminal): void {
  line('  1. Let Stripe reach this machine')
  line(dim(`     stripe listen --forward-to ${gatewayUrl}/webhooks/stripe`))
  line('  2. Name your plans and regions: PUT /admin/plans/:plan and /admin/regions/:region at the shop API')
  line(
    '  3. Say what the panel makes of them: PUT /admin/plan-specs/:plan and /admin/region-nodes/:region at the provisioner',
  )
}
