import { counter } from '@spawnpoint/service-kit'

const calls = counter({
  name: 'spawnpoint_panel_calls_total',
  help: 'Calls to the panels, by route and by HTTP status, or by why there is none.',
  labelNames: ['panel', 'call', 'result'],
})

/** `call`: such as `GET /servers/external/o-1`, counted as `GET /servers/external/:id`. */
export function countCall(panel: string, call: string, result: number | string): void {
  calls.inc({ panel, call: routeOf(call), result: String(result) })
}

export function routeOf(call: string): string {
  const [path = ''] = call.split('?')
  return path.replace(/\/external\/[^/]+/, '/external/:id').replace(/\/\d+(?=\/|$)/g, '/:id')
}
