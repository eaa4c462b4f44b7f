export type Tally = { lost: number; doubled: number }

/** Orders by their ids: which were paid, which the order service calls provisioned, and whose each server of the panel is. */
export function tally({
  paid,
  provisioned,
  onPanel,
}: {
  paid: string[]
  provisioned: string[]
  onPanel: string[]
}): Tally {
  const served = new Set(onPanel)
  const known = new Set(provisioned)
  return {
    lost: paid.filter((id) => !served.has(id) || !known.has(id)).length,
    doubled: onPanel.length - served.size,
  }
}
