import { ok } from '../http/answer.ts'
import { missing } from '../http/errors.ts'
import { page } from '../http/list.ts'
import { boundRoute, type Params, type Route, route } from '../http/route.ts'
import { show } from '../http/show.ts'
import type { PanelContext } from '../panel-context.ts'
import { eggShape, nestShape } from './shapes.ts'

export function nestRoutes({ tables }: PanelContext): Route[] {
  const { nests, eggs } = tables
  const nestById = ({ nest = '' }: Params) => nests.find(Number(nest)) ?? missing()
  const eggOfNest = (params: Params) => {
    const { id } = nestById(params)
    const egg = eggs.find(Number(params.egg))
    return egg?.nest_id === id ? egg : missing()
  }

  return [
    route('GET', 'nests', ['nests', 'read'], (call) =>
      page(call, nests.all(), (nest) => show(call, nestShape(tables), nest)),
    ),
    boundRoute('GET', 'nests/:nest', ['nests', 'read'], nestById, (call, nest) =>
      ok(show(call, nestShape(tables), nest)),
    ),
    // The one list without pages.
    boundRoute('GET', 'nests/:nest/eggs', ['eggs', 'read'], nestById, (call, { id }) =>
      ok({
        object: 'list',
        data: eggs.where((egg) => egg.nest_id === id).map((egg) => show(call, eggShape(tables), egg)),
      }),
    ),
    boundRoute('GET', 'nests/:nest/eggs/:egg', ['eggs', 'read'], eggOfNest, (call, egg) =>
      ok(show(call, eggShape(tables), egg)),
    ),
  ]
}
