import type { Buyer } from './buyer.ts'

export type Scenario = {
  name: string
  /** Without a card: null. */
  card?: 'pm_card_visa' | null
  /** `step` ends a part of the scenario: what has happened since the last one is compared by itself. */
  run: (buyer: Buyer, step: (name: string) => Promise<void>) => Promise<void>
}
