import { channel } from 'node:diagnostics_channel'

/** Every place where a process may die with something half done, in the order of the pipeline. */
export const failpoints = [
  'place-order.before-commit',
  'place-order.after-commit',
  'checkout.before-stripe',
  'checkout.after-stripe',
  'checkout.after-commit',
  'place-order.after-checkout',
  'journal.before-commit',
  'journal.after-commit',
  'translate.before-commit',
  'translate.after-commit',
  'relay.before-publish',
  'relay.after-publish',
  'relay.after-mark',
  'consume.before-commit',
  'consume.after-commit',
  'consume.after-ack',
  'refund.before-claim',
  'refund.after-claim',
  'refund.before-cancel',
  'refund.after-cancel',
  'refund.before-create',
  'refund.after-create',
  'refund.before-record',
  'refund.after-record',
  'subscription.before-change',
  'subscription.after-change',
  'catch-up.before-store',
  'catch-up.after-store',
  'reconcile.before-claim',
  'reconcile.after-claim',
  'panel.before-user',
  'panel.after-user',
  'panel.before-create',
  'panel.after-create',
  'panel.before-reinstall',
  'panel.after-reinstall',
  'panel.before-resize',
  'panel.between-patches',
  'panel.after-resize',
  'panel.before-rename',
  'panel.after-rename',
  'panel.before-suspend',
  'panel.after-suspend',
  'panel.before-unsuspend',
  'panel.after-unsuspend',
  'panel.before-delete',
  'panel.after-delete',
  'reconcile.before-record',
  'reconcile.after-record',
] as const

export type Failpoint = (typeof failpoints)[number]

const reached = channel('spawnpoint.failpoint')

/** Publishes that the process has reached this point; costs nothing while nobody subscribes to the diagnostics channel `spawnpoint.failpoint`. */
export function failpoint(name: Failpoint): void {
  if (reached.hasSubscribers) reached.publish(name)
}
