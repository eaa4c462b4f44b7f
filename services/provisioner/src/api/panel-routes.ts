import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { body, json, Problem, problem } from '@spawnpoint/service-kit'
import type { PrismaClient } from '../generated/client.ts'
import { type MainPanel, mainPanel, panelKinds } from '../panel-types/main-panel.ts'
import { putPanel } from '../panels/put-panel.ts'
import { removePanel } from '../panels/remove-panel.ts'
import type { Send } from '../pterodactyl/send.ts'
import type { KeyRing } from '../rules/key-ring.ts'
import { showPanels } from '../store/panels.ts'
import { panelIdSchema } from './panel-parameter.ts'

const panelSchema = z
  .object({
    panel: z.string(),
    kind: z.enum(panelKinds),
    url: z.string(),
    /** Whether a key is kept for it; never the key. */
    has_token: z.boolean(),
    regions: z.array(z.string()),
    /** How many servers stand there, or are asked for. */
    servers: z.number().int(),
  })
  .openapi('Panel')

/** The address of a panel, such as `https://panel.example.com`. */
const panelUrl = z
  .url({ protocol: /^https?$/, error: 'an address such as https://panel.example.com' })
  .max(1_000)
  .refine(isPlain, 'without a user, a query or a fragment')
  .transform((url) => new URL(url).href.replace(/\/+$/, ''))

const panelParam = z.object({ panel: panelIdSchema })

const list = createRoute({
  method: 'get',
  path: '/admin/panels',
  responses: { 200: json(z.object({ panels: z.array(panelSchema) }), 'All of them, without their keys') },
})

const show = createRoute({
  method: 'get',
  path: '/admin/panels/{panel}',
  request: { params: panelParam },
  responses: { 200: json(panelSchema, 'As it is now'), 404: problem('There is none') },
})

const put = createRoute({
  method: 'put',
  path: '/admin/panels/{panel}',
  description:
    'One more panel beside `main`, which is that of the environment. Its key is kept encrypted, never given back, and goes to no other address. `warnings` say what stands against using it.',
  request: {
    params: panelParam,
    body: body(
      z.strictObject({
        url: panelUrl,
        /** `pelican` is beta; the one that is kept, or `pterodactyl`, when left out. */
        kind: z.enum(panelKinds).optional(),
        /** An Application API key; the one that is kept when left out. */
        token: z
          .string()
          .regex(/^[\x21-\x7e]{1,8192}$/, '1 to 8192 visible ASCII characters, as in a header')
          .optional(),
      }),
    ),
  },
  responses: {
    200: json(z.object({ ...panelSchema.shape, warnings: z.array(z.string()) }), 'As it is now'),
    409: problem(
      'It is that of the environment or known by another name, or there is no key to encrypt with',
    ),
    422: problem('It does not fit, or is no panel of this kind'),
  },
})

const remove = createRoute({
  method: 'delete',
  path: '/admin/panels/{panel}',
  description: 'Forgets it, with its key and its plan specs.',
  request: { params: panelParam },
  responses: {
    204: { description: 'It is forgotten' },
    404: problem('There is none'),
    409: problem('It is in use, or that of the environment'),
  },
})

type Deps = {
  prisma: PrismaClient
  ring: KeyRing
  main: MainPanel
  send: Send
  /** Called when panels were added, changed or removed. */
  panelsChanged: () => void
}

/** The seller's panels. */
export function addPanelRoutes(app: OpenAPIHono, { prisma, ring, main, send, panelsChanged }: Deps): void {
  async function showOne(id: string) {
    const found = (await showPanels(prisma, main)).find(({ panel }) => panel === id)
    if (!found) throw new Problem(404, 'panel_unknown', `There is no panel ${id}.`)
    return found
  }

  app.openapi(list, async (c) => c.json({ panels: await showPanels(prisma, main) }, 200))
  app.openapi(show, async (c) => c.json(await showOne(c.req.valid('param').panel), 200))
  app.openapi(put, async (c) => {
    const { panel: panelId } = c.req.valid('param')
    refuseMain(panelId, 'PANEL_URL and PANEL_TOKEN, or the secret panel_token, say where it is')
    const given = c.req.valid('json')
    const { warnings } = await putPanel({ prisma, ring, main, send }, { panelId, ...given })
    panelsChanged()
    return c.json({ ...(await showOne(panelId)), warnings }, 200)
  })
  app.openapi(remove, async (c) => {
    const { panel: panelId } = c.req.valid('param')
    refuseMain(panelId, 'it is there as long as the service runs')
    await removePanel(prisma, panelId)
    panelsChanged()
    return c.body(null, 204)
  })
}

function refuseMain(panelId: string, why: string): void {
  if (panelId === mainPanel)
    throw new Problem(409, 'panel_of_environment', `The panel main is that of the environment: ${why}.`)
}

function isPlain(url: string): boolean {
  if (!URL.canParse(url)) return true
  const { username, password, search, hash } = new URL(url)
  return [username, password, search, hash].every((part) => part === '')
}
