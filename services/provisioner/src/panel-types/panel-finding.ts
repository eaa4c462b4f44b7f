export type PanelFinding = {
  level: 'ok' | 'warning' | 'error'
  /** What was looked at: `key`, `rights`, `node 3`, `plan minecraft-small` … */
  what: string
  /** How it is, and what to do about it. */
  message: string
}
