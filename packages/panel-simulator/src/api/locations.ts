import { created, ok } from '../http/answer.ts'
import { missing } from '../http/errors.ts'
import { page, select } from '../http/list.ts'
import { boundRoute, type Params, type Route, route } from '../http/route.ts'
import { show } from '../http/show.ts'
import type { PanelContext } from '../panel-context.ts'
import { holdsText, sameText } from '../tables/collation.ts'
import type { Location } from '../tables/rows.ts'
import { asText, textAt } from '../validation/input.ts'
import { unique } from '../validation/rule.ts'
import { validate } from '../validation/validate.ts'
import { locationShape } from './shapes.ts'

export function locationRoutes({ tables }: PanelContext): Route[] {
  const { locations } = tables
  const shape = locationShape(tables)
  const byId = ({ location = '' }: Params) => locations.find(Number(location)) ?? missing()

  return [
    route('GET', 'locations', ['locations', 'read'], (call) =>
      page(call, select(call, locations.all(), { filters }), (location) => show(call, shape, location)),
    ),
    boundRoute('GET', 'locations/:location', ['locations', 'read'], byId, (call, location) =>
      ok(show(call, shape, location)),
    ),
    route('POST', 'locations', ['locations', 'write'], (call) => {
      const isTaken = (value: unknown) =>
        Boolean(locations.first(({ short }) => sameText(short, asText(value))))
      validate(
        call.body,
        [
          ['long', 'string|nullable|between:1,191'],
          ['short', 'required|string|between:1,60', unique(isTaken)],
        ],
        { labels: { long: 'Location Description', short: 'Location Identifier' } },
      )
      const location = tables.addLocation({
        id: 0,
        short: textAt(call.body, 'short') ?? '',
        long: textAt(call.body, 'long'),
      })
      const resource = `${call.origin}/api/application/locations/${location.id}`
      return created({ ...show(call, shape, location), meta: { resource } })
    }),
  ]
}

const filters = {
  short: (row: Location, values: string[]) => values.some((value) => holdsText(row.short, value)),
  long: (row: Location, values: string[]) => values.some((value) => holdsText(row.long, value)),
}
