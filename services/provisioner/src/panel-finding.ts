import type { FindEgg } from './find-egg.ts'
import type { PrismaClient } from './generated/client.ts'
import type { PanelClient } from './panel/panel-client.ts'

export type PanelFinding = {
  level: 'ok' | 'warning' | 'error'
  /** What was looked at: `key`, `rights`, `node 3`, `plan minecraft-small` … */
  what: string
  /** How it is, and what to do about it. */
  message: string
}

export type CheckPanelDeps = { prisma: PrismaClient; panel: PanelClient; findEgg: FindEgg }
