import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { expect, test } from 'vitest'

test('the panel runs as a process of its own and prints its address', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'panel-'))
  try {
    const outfile = join(folder, 'panel.mjs')
    await build({
      entryPoints: [fileURLToPath(new URL('../src/main.ts', import.meta.url))],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      logLevel: 'warning',
    })
    const panel = spawn(process.execPath, [outfile], {
      env: { PANEL_TOKEN: 'ptla_given', INSTALL_MS: '10', TIME_SCALE: '0.1' },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = await once(createInterface(panel.stdout), 'line')
    const { url, token } = JSON.parse(String(line)) as { url: string; token: string }
    expect(token).toBe('ptla_given')

    const answered = await fetch(`${url}/api/application/nodes`, {
      headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
    })
    expect(await answered.json()).toMatchObject({ object: 'list', data: [{}, {}, {}] })

    panel.kill('SIGTERM')
    expect(await once(panel, 'exit')).toEqual([0, null])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
