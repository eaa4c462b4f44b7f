import { Hono } from 'hono'
import { z } from 'zod'
import type { PanelControl } from './control.ts'
import { panelFault } from './faults.ts'
import { readPanelChange } from './panel-change.ts'
import { type PanelSettings, versions } from './settings.ts'
import { installPlan } from './wings/installs.ts'
import { wingsFault } from './wings/wings-faults.ts'

const wingsBody = z.union([
  z.strictObject({ node: z.number().int().optional(), fault: z.null() }),
  wingsFault,
])
const installBody = installPlan.extend({ server: z.union([z.string(), z.number()]).optional() })
const settingsBody = z
  .strictObject({
    version: z.enum(versions),
    rateLimitPerMinute: z.number().int().min(1).nullable(),
    wingsConnectTimeoutMs: z.number().min(0),
    wingsTimeoutMs: z.number().min(0),
    twoFactorRequired: z.boolean(),
    maintenance: z.boolean(),
    mail: z.enum(['works', 'broken']),
    database: z.enum(['works', 'down']),
  })
  .partial()

/** `/_simulator/*`: what a test or a demo does to the panel, over HTTP and without a key. */
export function controlRoutes(control: PanelControl) {
  return (
    new Hono()
      .get('/state', (call) => call.json(control.state()))
      .get('/requests', (call) => call.json(control.requests()))
      .post('/faults', async (call) =>
        call.json({ id: control.addFault(panelFault.parse(await call.req.json())) }, 201),
      )
      .delete('/faults/:id?', (call) => call.json({ removed: control.removeFaults(call.req.param('id')) }))
      .post('/wings', async (call) => {
        const body = wingsBody.parse(await call.req.json())
        if (body.fault === null) return call.json({ removed: control.healWings(body.node) })
        return call.json({ id: control.breakWings(body) }, 201)
      })
      .post('/install', async (call) => {
        const { server, ...plan } = installBody.parse(await call.req.json())
        control.planInstalls(plan, server?.toString())
        return call.body(null, 204)
      })
      .post('/settings', async (call) => {
        const changes = settingsBody.parse(await call.req.json()) as Partial<PanelSettings>
        return call.json(control.configure(changes))
      })
      // `/world` is its former name.
      .on('POST', ['/changes', '/world'], async (call) => {
        control.change(readPanelChange(await call.req.json()))
        return call.body(null, 204)
      })
      .onError((error, call) => {
        if (error instanceof z.ZodError) return call.json({ error: z.prettifyError(error) }, 400)
        if (error instanceof SyntaxError) return call.json({ error: error.message }, 400)
        throw error
      })
  )
}
