import { setTimeout as delay } from 'node:timers/promises'
import type { Command } from 'commander'
import { callService } from './call-service.ts'
import { Failure } from './failure.ts'
import { printJson, printLine, table } from './print.ts'
import { findService, urlOption } from './services.ts'

type Tally = { looked_at: number; missing: number; changed: number; unreadable: number }
type CatchUp = {
  is_over: boolean
  finished_at: string | null
  error: string | null
  report: Record<string, Tally>
}

const path = '/admin/catch-up'

export function addCatchUp(program: Command): void {
  program
    .command('catch-up')
    .summary('compare everything with what Stripe has')
    .description(
      `Compares everything with what Stripe has, now: its list of events, which reaches back thirty days, and the objects
themselves. What was not known is taken in as if its webhook had come. It can be run as often as you like.`,
    )
    .option('--json', 'as one line of JSON')
    .addOption(urlOption())
    .action(async ({ json }: { json?: boolean }, command: Command) => {
      const gateway = findService(command, 'billing-gateway')
      await callService(gateway, 'POST', path)
      let found = await callService<CatchUp>(gateway, 'GET', path)
      for (let pauseMs = 50; !found.is_over; pauseMs = Math.min(2_000, pauseMs * 2)) {
        await delay(pauseMs)
        found = await callService<CatchUp>(gateway, 'GET', path)
      }
      if (json) printJson(found)
      else process.stdout.write(table(head, Object.entries(found.report).map(row)))
      if (found.error !== null)
        throw new Failure(
          `Not everything was compared: ${found.error}.`,
          'Run it again; it goes on where it was.',
        )
      const mended = Object.values(found.report).reduce((sum, one) => sum + one.missing + one.changed, 0)
      printLine(mended === 0 ? 'Everything was known.' : `${mended} were not known, and are now taken in.`)
      const missed = found.report.events?.missing ?? 0
      if (missed > 0)
        printLine(
          `No webhook brought ${missed} of Stripe's events: where the gateway was up when they happened, webhooks do not arrive or are refused. npx spawnpoint status says which.`,
        )
    })
}

const head = ['what', 'looked at', 'missing', 'changed', 'unreadable']

function row([what, { looked_at, missing, changed, unreadable }]: [string, Tally]): string[] {
  return [what, String(looked_at), String(missing), String(changed), String(unreadable)]
}
