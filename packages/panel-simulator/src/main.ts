import { access, applicationKey } from './keys.ts'
import { startPanel } from './start-panel.ts'

const { PORT, HOST, PANEL_KIND, PANEL_TOKEN, TIME_SCALE, RATE_LIMIT, INSTALL_MS } = process.env

const panel = await startPanel({
  port: Number(PORT ?? 0),
  timeScale: Number(TIME_SCALE ?? 1),
  kind: PANEL_KIND === 'pelican' ? 'pelican' : 'pterodactyl',
  ...(HOST && { host: HOST }),
  ...(RATE_LIMIT && { rateLimitPerMinute: RATE_LIMIT === 'none' ? null : Number(RATE_LIMIT) }),
  ...(INSTALL_MS && { install: { mode: 'after', ms: Number(INSTALL_MS) } }),
  ...(PANEL_TOKEN && { keys: [{ ...applicationKey(1, access.both), token: PANEL_TOKEN }] }),
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void panel.close())

const { url, token } = panel
console.log(JSON.stringify({ url, token }))
