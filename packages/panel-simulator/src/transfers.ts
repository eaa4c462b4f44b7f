import type { Tables } from './tables/tables.ts'

/**
 * As `Admin/Servers/ServerTransferController::transfer` (1.11): the free ones of the chosen allocations become the server's at once, and
 * nothing else changes until its nodes are done.
 */
export function startTransfer(
  { servers, allocations }: Tables,
  {
    server: id,
    node,
    allocation,
    additional = [],
  }: { server: number; node: number; allocation: number; additional?: number[] | undefined },
): void {
  const server = servers.get(id)
  const leaves = allocations.where(({ server_id }) => server_id === id).map((row) => row.id)
  Object.assign(server, { transferring: true, transfer: { node, allocation, additional, leaves } })
  for (const row of allocations.where(({ node_id, server_id }) => node_id === node && server_id === null))
    if (row.id === allocation || additional.includes(row.id)) row.server_id = id
}

/**
 * As `Api/Remote/Servers/ServerTransferController::success` and `::failure` (1.11): in one transaction, either the old allocations are
 * free and the server is at its new place, or the new ones are free again.
 */
export function endTransfer(
  { servers, allocations }: Tables,
  { server: id, successful }: { server: number; successful: boolean },
  now: number,
): void {
  const server = servers.get(id)
  const { transfer } = server
  if (!transfer) throw new Error(`Server ${id} is not being transferred`)
  const { node, allocation, additional, leaves } = transfer
  for (const given of successful ? leaves : [allocation, ...additional])
    Object.assign(allocations.get(given), { server_id: null })
  const place = successful ? { node_id: node, allocation_id: allocation, updated_at: now } : {}
  Object.assign(server, { ...place, transferring: false, transfer: null })
}
