import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { clientOf, eventually, oneServer, payOnPage, startReceiver } from './seller.ts'

const ready = z.strictObject({ url: z.url(), secretKey: z.string(), webhookSecret: z.string() })

test('the process reads its settings from the environment, prints one line when ready, and stops on SIGTERM', async () => {
  await using receiver = await startReceiver('whsec_from_env')
  const directory = await mkdtemp(join(tmpdir(), 'stripe-simulator-'))
  const outfile = join(directory, 'main.mjs')
  await build({
    entryPoints: [fileURLToPath(new URL('../src/main.ts', import.meta.url))],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url)",
    },
  })
  const child = spawn(process.execPath, [outfile], {
    env: {
      STRIPE_SECRET_KEY: 'sk_test_from_env',
      STRIPE_WEBHOOK_SECRET: 'whsec_from_env',
      WEBHOOK_URL: receiver.url,
      WEBHOOK_EVENTS: 'checkout.session.completed',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  const [line] = await once(createInterface(child.stdout), 'line')
  const { url, secretKey } = ready.parse(JSON.parse(String(line)))
  expect(secretKey).toBe('sk_test_from_env')

  await payOnPage(await clientOf({ url, secretKey }).checkout.sessions.create(oneServer), 'paid')
  await eventually(() => expect(receiver.types()).toEqual(['checkout.session.completed']))

  child.kill('SIGTERM')
  expect(await exited).toEqual([0, null])
  await rm(directory, { recursive: true })
})
