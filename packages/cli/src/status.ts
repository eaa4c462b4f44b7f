import type { Command } from 'commander'
import { healthOf } from './call-service.ts'
import { Failure } from './failure.ts'
import { printJson, table } from './print.ts'
import { findAll, type Service, urlOption } from './services.ts'

type Health = { status: string; failing: Record<string, string> } & Record<string, unknown>

export function addStatus(program: Command): void {
  program
    .command('status')
    .summary('how the services are')
    .description(
      'How all services are, and why: a line for each reason, with what mends it. Exits with 3 unless all are healthy',
    )
    .option('--json', 'as one line of JSON')
    .addOption(urlOption().hideHelp())
    .action(async ({ json }: { json?: boolean }, command: Command) => {
      const services = await Promise.all(findAll(command, undefined).map(look))
      if (json)
        printJson({ services: Object.fromEntries(services.map(({ name, health }) => [name, health])) })
      else
        process.stdout.write(
          table(['service', 'status', 'up', 'waiting', 'url', 'problem'], services.flatMap(rows)),
        )
      const ill = services.filter(({ health }) => health.status !== 'healthy')
      if (ill.length > 0)
        throw new Failure(
          `Not healthy: ${ill.map(({ name }) => name).join(', ')}.`,
          'The runbook has a section of each reason: packages/cli/README.md#what-status-names',
          3,
        )
    })
}

async function look(service: Service): Promise<Service & { health: Health }> {
  try {
    const { status, failing, ...rest } = await healthOf(service)
    const reasons = failing as Record<string, string> | undefined
    return { ...service, health: { ...rest, status: String(status), failing: reasons ?? {} } }
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return { ...service, health: { status: 'unreachable', failing: { connection: error.message } } }
  }
}

/** One for each reason; one for a service that has none. */
function rows({ name, url, health }: Service & { health: Health }): string[][] {
  const { status, failing, uptime_seconds: up, outbox_waiting: waiting } = health
  const service = [name, status, up === undefined ? '–' : duration(Number(up)), String(waiting ?? '–'), url]
  const problems = Object.entries(failing).map(([check, reason]) => `${check}: ${reason}`)
  return problems.length === 0 ? [[...service, '']] : problems.map((problem) => [...service, problem])
}

function duration(seconds: number): string {
  if (seconds < 120) return `${seconds} s`
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} d`
}
