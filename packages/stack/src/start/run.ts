import { entryOf, serviceNames } from '../service-process.ts'
import { type Stack, startStack } from '../start-stack.ts'
import { chooseVendors, isDemo } from '../vendors.ts'
import type { StartArguments } from './arguments.ts'
import { describeError } from './describe-error.ts'
import { restartOnChange } from './restart-on-change.ts'
import { seedCatalogue } from './seed.ts'
import { type Sale, sellOneServer } from './sell.ts'
import { summarise } from './summary.ts'
import { supervise } from './supervise.ts'
import { duration, type Terminal } from './terminal.ts'
import { openTimeline } from './timeline.ts'
import { showWhatNext } from './what-next.ts'

export type RunOptions = StartArguments & {
  dataDir: string
  env: NodeJS.ProcessEnv
  terminal: Terminal
  /** Aborted when it is time to stop. */
  signal: AbortSignal
}

const ports = { 'billing-gateway': 3001, order: 3002, provisioner: 3003, stripe: 3011, panel: 3012 }

/** Starts everything, sells one server where that costs nobody anything, and stays up until `signal`. Gives the exit code. */
export async function run(options: RunOptions): Promise<number> {
  const { dataDir, env, terminal, signal } = options
  const begun = performance.now()
  try {
    if (options.once && !isDemo(chooseVendors(env)))
      throw new Error('--once sells one server, which is only done with a simulated Stripe and panel')
    await using stack = await startStack({
      dataDir,
      env,
      ports,
      prefix: env.SPAWNPOINT_SCHEMA_PREFIX ?? '',
      natsNodes: options.cluster ? 3 : 1,
      // What is shown is our own time, not that of an imagined installation.
      panel: { install: { mode: 'at-once' } },
      step: terminal.step,
      log: terminal.line,
    })
    if (signal.aborted) return 0
    await using _ = supervising(stack, options)
    terminal.line(terminal.dim(`  everything is up after ${duration(performance.now() - begun)}`))
    return await sellAndStay(stack, options)
  } catch (error) {
    if (signal.aborted) return 0
    terminal.line(`${terminal.bad('✖')} ${describeError(error)}`)
    return 1
  }
}

async function sellAndStay(stack: Stack, { once, json, terminal, signal }: RunOptions): Promise<number> {
  const demo = isDemo(stack.vendors)
  if (demo) {
    const sale = await showSale(stack, terminal)
    if (json) process.stdout.write(`${JSON.stringify(summarise(stack, sale))}\n`)
    if (sale.provisioned !== 1)
      throw new Error(`Order ${sale.orderId} has ${sale.provisioned} servers on the panel`)
  }
  if (once) return 0
  showWhatNext(stack, terminal)
  await new Promise((resolve) =>
    signal.aborted ? resolve(undefined) : signal.addEventListener('abort', resolve),
  )
  return 0
}

async function showSale(stack: Stack, terminal: Terminal): Promise<Sale> {
  await seedCatalogue(stack)
  const timeline = openTimeline(terminal)
  terminal.line()
  terminal.line(terminal.bold('One sale'))
  const sale = await sellOneServer(stack, (type, at) => timeline.add(type, at))
  terminal.line(
    `${terminal.good('✔')} paid once, one server: ${sale.serverIdentifier} for order ${sale.orderId}`,
  )
  return sale
}

function supervising({ services }: Stack, { terminal, watch }: RunOptions): AsyncDisposable {
  const over = new AbortController()
  const watches = serviceNames.map((name) =>
    watch
      ? restartOnChange(services[name], { entry: entryOf(name), terminal, signal: over.signal })
      : supervise(services[name], terminal, over.signal),
  )
  return {
    [Symbol.asyncDispose]: async () => {
      over.abort()
      await Promise.all(watches)
    },
  }
}
