import { randomUUID } from 'node:crypto'
import { created, noContent, ok } from '../http/answer.ts'
import { cannotSave, display, missing, unexpected, uniqueViolation } from '../http/errors.ts'
import { page, select } from '../http/list.ts'
import { boundRoute, type Params, type Route, route } from '../http/route.ts'
import { type Shape, show } from '../http/show.ts'
import type { PanelContext } from '../panel-context.ts'
import { holdsText, sameText } from '../tables/collation.ts'
import type { User } from '../tables/rows.ts'
import { asText, type Input, isTrueAt, lookUp, textAt } from '../validation/input.ts'
import { unique } from '../validation/rule.ts'
import { type Rules, validate } from '../validation/validate.ts'
import { userShape } from './shapes.ts'

/** What the kinds of panel do differently behind the same routes. */
type UserBehaviour = { shape: Shape<User>; rules: (panel: PanelContext, self?: User) => Rules }

export function userRoutes(
  panel: PanelContext,
  { shape, rules }: UserBehaviour = { shape: userShape(panel.tables), rules: rulesFor },
): Route[] {
  const { users, servers } = panel.tables
  const byId = ({ user = '' }: Params) => users.find(Number(user)) ?? missing()

  return [
    route('GET', 'users', ['users', 'read'], (call) =>
      page(call, select(call, users.all(), { filters, sorts: ['id', 'uuid'] }), (user) =>
        show(call, shape, user),
      ),
    ),
    route('POST', 'users', ['users', 'write'], async (call) => {
      const user = await createUser(panel, call.body, rules)
      const resource = `${call.origin}/api/application/users/${user.id}`
      return created({ ...show(call, shape, user), meta: { resource } })
    }),
    route('GET', 'users/external/:external', ['users', 'read'], (call, { external = '' }) =>
      ok(show(call, shape, users.first((user) => sameText(user.external_id, external)) ?? missing())),
    ),
    boundRoute('GET', 'users/:user', ['users', 'read'], byId, (call, user) => ok(show(call, shape, user))),
    boundRoute('PATCH', 'users/:user', ['users', 'write'], byId, (call, user) => {
      validate(call.body, rules(panel, user), { labels })
      Object.assign(user, changesOf(call.body), { updated_at: panel.now() })
      return ok(show(call, shape, user))
    }),
    boundRoute('DELETE', 'users/:user', ['users', 'write'], byId, (_, user) => {
      if (servers.first((server) => server.owner_id === user.id)) {
        throw display(
          'Cannot delete a user with active servers attached to their account. Please delete their servers before continuing.',
        )
      }
      users.delete(user.id)
      return noContent
    }),
  ]
}

const filters = {
  email: partial('email'),
  uuid: partial('uuid'),
  username: partial('username'),
  external_id: partial('external_id'),
}

async function createUser(panel: PanelContext, body: Input, rules: UserBehaviour['rules']): Promise<User> {
  const { users } = panel.tables
  validate(body, rules(panel), { labels })
  const email = textAt(body, 'email') ?? ''
  const username = (textAt(body, 'username') ?? '').toLowerCase()
  await panel.pause()
  refuseUnsavable(panel, { email, username })
  await panel.pause()

  // The database has unique keys for these two and none for the external id: concurrent calls can give two users the same.
  if (users.first((user) => sameText(user.email, email) || sameText(user.username, username))) {
    users.nextId()
    throw uniqueViolation()
  }
  const user = panel.tables.addUser({
    id: 0,
    uuid: randomUUID(),
    email,
    username,
    first_name: textAt(body, 'first_name') ?? '',
    last_name: textAt(body, 'last_name') ?? '',
    external_id: textAt(body, 'external_id'),
    language: textAt(body, 'language') ?? 'en',
    root_admin: isTrueAt(body, 'root_admin'),
  })
  if (!textAt(body, 'password')) await sendSetPasswordLink(panel, user)
  if (panel.settings.mail === 'broken') throw unexpected('TransportException')
  return user
}

// Two transactions that both write a reset token wait for each other, and the database gives up the later one.
async function sendSetPasswordLink(panel: PanelContext, user: User): Promise<void> {
  const { writingResetTokens: writing } = panel
  writing.add(user.id)
  try {
    await panel.pause()
    if (writing.size === 1) return
    panel.tables.users.delete(user.id)
    throw unexpected('QueryException')
  } finally {
    writing.delete(user.id)
  }
}

function refuseUnsavable(
  { tables }: PanelContext,
  { email, username }: Pick<User, 'email' | 'username'>,
): void {
  const reasons: Record<string, string[]> = {}
  if (tables.users.first((user) => sameText(user.email, email))) {
    reasons.email = ['The email has already been taken.']
  }
  if (tables.users.first((user) => sameText(user.username, username))) {
    reasons.username = ['The username has already been taken.']
  }
  if (Object.keys(reasons).length > 0) throw cannotSave('User', reasons)
}

function changesOf(body: Input): Partial<User> {
  return {
    email: textAt(body, 'email') ?? '',
    username: (textAt(body, 'username') ?? '').toLowerCase(),
    first_name: textAt(body, 'first_name') ?? '',
    last_name: textAt(body, 'last_name') ?? '',
    ...(lookUp(body, 'external_id').present && { external_id: textAt(body, 'external_id') }),
    ...(lookUp(body, 'root_admin').present && { root_admin: isTrueAt(body, 'root_admin') }),
    ...(textAt(body, 'language') && { language: textAt(body, 'language') ?? 'en' }),
  }
}

const labels = { external_id: 'Third Party Identifier', root_admin: 'Root Administrator Status' }

function rulesFor({ tables }: PanelContext, self?: User): Rules {
  const taken = takenBy(tables, self)
  return [
    ['email', 'required|email|between:1,191', taken('email')],
    ['external_id', 'sometimes|nullable|string|max:191', taken('external_id')],
    ['username', 'required|between:1,191', taken('username'), { name: 'p_username', accepts: isUsername }],
    ['first_name', 'required|string|between:1,191'],
    ['last_name', 'required|string|between:1,191'],
    ['password', 'sometimes|nullable|string'],
    ['language', 'sometimes|string|in:en'],
    ['root_admin', 'sometimes|boolean'],
  ]
}

/** Whether another user has it. */
export function takenBy({ users }: PanelContext['tables'], self?: User) {
  return (column: 'email' | 'username' | 'external_id') =>
    unique((value) => Boolean(users.first((user) => user !== self && sameText(user[column], asText(value)))))
}

function isUsername(value: unknown): boolean {
  return /^[a-z0-9]([\w.-]+)[a-z0-9]$/.test(asText(value).toLowerCase())
}

function partial(column: 'email' | 'uuid' | 'username' | 'external_id') {
  return (user: User, values: string[]) => values.some((value) => holdsText(user[column], value))
}
