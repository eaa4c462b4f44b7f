import type { PanelContext } from '../panel-context.ts'
import { sameText } from '../tables/collation.ts'
import type { Allocation, Server } from '../tables/rows.ts'
import { asText, isTrueAt } from '../validation/input.ts'
import { exists, type Rule, unique } from '../validation/rule.ts'
import type { Rules } from '../validation/validate.ts'

/** What a form requires of a server's columns; the same on every form that has them. */
export function serverRules({ tables }: PanelContext, self?: Server) {
  const isTaken = (by: (server: Server) => boolean) =>
    tables.servers.first((server) => server !== self && by(server)) !== undefined
  return {
    external_id: [
      'sometimes|nullable|string|between:1,191',
      unique((value) => isTaken((server) => sameText(server.external_id, asText(value)))),
    ],
    name: ['required|string|min:1|max:191'],
    user: ['required|integer', exists((value) => tables.users.has(Number(value)))],
    egg: ['required', exists((value) => tables.eggs.has(Number(value)))],
    image: ['required|string|max:191', { name: 'regex', parameters: [String.raw`/^~?[\w\.\/\-:@ ]*$/`] }],
    startup: ['required|string'],
    memory: ['required|numeric|min:0'],
    swap: ['required|numeric|min:-1'],
    io: ['required|numeric|between:10,1000'],
    cpu: ['required|numeric|min:0'],
    disk: ['required|numeric|min:0'],
    threads: ['nullable', { name: 'regex', parameters: ['/^[0-9-,]+$/'] }],
    databases: ['present|nullable|integer|min:0'],
    allocations: ['sometimes|nullable|integer|min:0'],
    backups: ['present|nullable|integer|min:0'],
    allocation: [
      'required|bail',
      unique((value) => isTaken((server) => server.allocation_id === Number(value))),
      exists((value) => tables.allocations.has(Number(value))),
    ],
  } satisfies Record<string, (string | Rule)[]>
}

export function createRules(panel: PanelContext, body: unknown): Rules {
  const rules = serverRules(panel)
  const deploys = isTrueAt(body, 'deploy')
  const isFree = exists((value) => isUnassigned(panel.tables.allocations.find(Number(value))))
  return [
    ['external_id', ...rules.external_id],
    ['name', ...rules.name],
    ['description', 'nullable|string'],
    ['user', ...rules.user],
    ['egg', ...rules.egg],
    ['docker_image', ...rules.image],
    ['startup', ...rules.startup],
    ['environment', 'present|array'],
    ['skip_scripts', 'sometimes|boolean'],
    ['oom_disabled', 'sometimes|boolean'],
    ['limits', 'required|array'],
    ['limits.memory', ...rules.memory],
    ['limits.swap', ...rules.swap],
    ['limits.disk', ...rules.disk],
    ['limits.io', ...rules.io],
    ['limits.threads', ...rules.threads],
    ['limits.cpu', ...rules.cpu],
    ['feature_limits', 'required|array'],
    ['feature_limits.databases', ...rules.databases],
    ['feature_limits.allocations', ...rules.allocations],
    ['feature_limits.backups', ...rules.backups],
    ...(deploys ? [] : whichAllocation(isFree)),
    ['deploy', 'sometimes|required|array'],
    ['deploy.locations', deploys ? 'present|array' : 'array'],
    ['deploy.locations.*', 'integer|min:1'],
    // The panel's own slip: `boolean` is taken for a field, so the type of this one is not checked.
    ['deploy.dedicated_ip', 'required_with:deploy,boolean'],
    ['deploy.port_range', deploys ? 'present|array' : 'array'],
    ['deploy.port_range.*', 'string'],
    ['start_on_completion', 'sometimes|boolean'],
  ]
}

function whichAllocation(isFree: Rule): Rules {
  return [
    ['allocation.default', 'required|integer|bail', isFree],
    ['allocation.additional.*', 'integer', isFree],
  ]
}

function isUnassigned(allocation: Allocation | undefined): boolean {
  return allocation !== undefined && allocation.server_id === null
}
