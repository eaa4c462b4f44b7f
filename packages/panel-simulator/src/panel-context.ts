import type { PanelSettings } from './settings.ts'
import type { Allocation } from './tables/rows.ts'
import type { Tables } from './tables/tables.ts'
import type { Installs } from './wings/installs.ts'
import type { Wings } from './wings/wings.ts'

/** What the routes of the panel work with. */
export type PanelContext = {
  tables: Tables
  wings: Wings
  installs: Installs
  settings: PanelSettings
  now: () => number
  /** The milliseconds between looking and writing: here the panel's races are lost. */
  pause: () => Promise<void>
  /** Which of the free allocations a deploy gets. */
  draw: (free: readonly Allocation[], externalId: string | null) => Allocation | undefined
  /** Users whose password reset token is being written. */
  writingResetTokens: Set<number>
}
