/** What a seller sets in the panel's own configuration, and what may be broken around it. */
export const versions = ['1.11', '1.12'] as const

export type PanelKind = 'pterodactyl' | 'pelican'

export type PanelSettings = {
  /**
   * `1.11` as recorded. In `1.12` the rows of a path and the key's owner are looked up before the throttle, whose place in Laravel's
   * order the panel's own list of priorities takes away (`Http/Kernel.php`, `RouteServiceProvider.php`): a 404 or 403 of these has no
   * headers of the rate limit and is not counted. A change of owner calls `deauthorize-user` on the node (pterodactyl/panel#5472).
   */
  version: (typeof versions)[number]
  /** Calls of one user a minute; null: no limit. */
  rateLimitPerMinute: number | null
  wingsConnectTimeoutMs: number
  wingsTimeoutMs: number
  twoFactorRequired: boolean
  maintenance: boolean
  mail: 'works' | 'broken'
  database: 'works' | 'down'
}

export function defaultSettings(): PanelSettings {
  return {
    version: '1.11',
    rateLimitPerMinute: 240,
    wingsConnectTimeoutMs: 5_000,
    wingsTimeoutMs: 15_000,
    twoFactorRequired: false,
    maintenance: false,
    mail: 'works',
    database: 'works',
  }
}
