/** What a seller sets in the panel's own configuration, and what may be broken around it. */
export type PanelSettings = {
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
    rateLimitPerMinute: 240,
    wingsConnectTimeoutMs: 5_000,
    wingsTimeoutMs: 15_000,
    twoFactorRequired: false,
    maintenance: false,
    mail: 'works',
    database: 'works',
  }
}
