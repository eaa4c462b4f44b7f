/** Why nothing can be made or changed: the plan is of an egg that the panel does not have. */
export function eggMissing(plan: string, eggId: number): { class: string; message: string } {
  return {
    class: 'egg_missing',
    message: `The panel has no egg ${eggId}: correct /admin/plan-specs/${plan}; where it is paid, then provision the order again.`,
  }
}
