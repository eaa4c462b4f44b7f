import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { againAfterRaces } from '@spawnpoint/database'
import { body, json, Problem, problem } from '@spawnpoint/service-kit'
import type { PrismaClient } from '../generated/client.ts'
import { keySecret, type MainPanel, mainPanel } from '../panel-types/main-panel.ts'
import type { KeyRing } from '../rules/key-ring.ts'
import { deleteSecret, newestKey, rotateSecrets, saveSecret } from '../store/secrets.ts'

const secret = z.object({ name: z.string(), key_id: z.string(), updated_at: z.string() })

const putSecret = createRoute({
  method: 'put',
  path: '/admin/secrets/{name}',
  description:
    'Kept encrypted, for the address of its panel alone, and never given back. `panel_token` is the key for the panel `main`; others have theirs with PUT /admin/panels/{panel}.',
  request: {
    params: z.object({
      name: z.literal(keySecret(mainPanel), 'panel_token is the only one that is used'),
    }),
    body: body(
      z.strictObject({
        value: z
          .string()
          .regex(/^[\x21-\x7e]{1,8192}$/, '1 to 8192 visible ASCII characters, as in a header'),
      }),
    ),
  },
  responses: { 200: json(secret, 'What is kept, without its value') },
})

const listSecrets = createRoute({
  method: 'get',
  path: '/admin/secrets',
  responses: { 200: json(z.object({ secrets: z.array(secret) }), 'All of them, without their values') },
})

const remove = createRoute({
  method: 'delete',
  path: '/admin/secrets/{name}',
  description:
    'Forgets a secret that was set here. Without `panel_token`, the key for the panel `main` is PANEL_TOKEN again. The key of another panel goes with its panel.',
  request: { params: z.object({ name: z.string().regex(/^[\w.-]{1,64}$/) }) },
  responses: { 204: { description: 'It is forgotten' }, 404: problem('There is none') },
})

const rotate = createRoute({
  method: 'post',
  path: '/admin/secrets/rotate',
  description: 'Encrypts every secret with the newest key of SECRETS_KEYS: the first one.',
  responses: {
    200: json(
      z.object({ key_id: z.string(), rotated: z.array(z.string()), kept: z.array(z.string()) }),
      'Which were encrypted anew, and which had that key already',
    ),
    409: problem('There is no key, or none that opens one of them'),
  },
})

type Deps = { prisma: PrismaClient; ring: KeyRing; main: MainPanel; panelsChanged: () => void }

/** Credentials for the panel. */
export function addSecretRoutes(app: OpenAPIHono, { prisma, ring, main, panelsChanged }: Deps): void {
  app.openapi(putSecret, async (c) => {
    newestKey(ring)
    const { name } = c.req.valid('param')
    const { value } = c.req.valid('json')
    const { keyId, updatedAt } = await againAfterRaces(() =>
      saveSecret(prisma, ring, { name, address: main.url, value }),
    )
    panelsChanged()
    return c.json({ name, key_id: keyId, updated_at: updatedAt.toISOString() }, 200)
  })

  app.openapi(listSecrets, async (c) => {
    const rows = await prisma.secret.findMany({ orderBy: { name: 'asc' } })
    const secrets = rows.map(({ name, keyId, updatedAt }) => ({
      name,
      key_id: keyId,
      updated_at: updatedAt.toISOString(),
    }))
    return c.json({ secrets }, 200)
  })

  app.openapi(remove, async (c) => {
    const { name } = c.req.valid('param')
    if (!(await deleteSecret(prisma, name)))
      throw new Problem(404, 'secret_unknown', `There is no secret ${name}.`)
    panelsChanged()
    return c.body(null, 204)
  })

  app.openapi(rotate, async (c) => c.json(await rotateSecrets({ prisma, ring, main }), 200))
}
