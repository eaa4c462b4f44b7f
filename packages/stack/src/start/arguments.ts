export type StartArguments = { once: boolean; json: boolean; watch: boolean; cluster: boolean }

export const usage = `npm start [-- options]

Starts Spawnpoint on this machine, sells one game server and stays up until Ctrl-C.

  --once     stop after the first sale; the exit code shows whether it went well
  --json     print the sale as one line of JSON, the last line of stdout
  --watch    restart a service when its bundle changes (npm run dev builds it on each change)
  --cluster  three nodes of NATS instead of one server, each event stored on all of them
  --help     this text

Given in the environment: MYSQL_URL, NATS_URL (servers to use instead of our own), STRIPE_SECRET_KEY and
STRIPE_WEBHOOK_SECRET (real Stripe), PANEL_URL and PANEL_TOKEN (a real panel), SPAWNPOINT_DATA (instead of .data),
SPAWNPOINT_SCHEMA_PREFIX (before the schemas' names on a given server)
`

export function readArguments(args: string[]): StartArguments | 'help' | { unknown: string } {
  const known = ['--once', '--json', '--watch', '--cluster']
  if (args.includes('--help') || args.includes('-h')) return 'help'
  const unknown = args.find((arg) => !known.includes(arg))
  if (unknown !== undefined) return { unknown }
  return {
    once: args.includes('--once'),
    json: args.includes('--json'),
    watch: args.includes('--watch'),
    cluster: args.includes('--cluster'),
  }
}
