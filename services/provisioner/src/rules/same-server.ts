type Known = { ptero_uuid: string | null; ptero_identifier: string | null }

/**
 * Whether the server that a panel shows is the very one we know, by whatever name that panel goes. After a recovery only the
 * identifier is known, the beginning of the uuid.
 */
export function isSameServer({ ptero_uuid, ptero_identifier }: Known, uuid: string): boolean {
  if (ptero_uuid !== null) return uuid === ptero_uuid
  return ptero_identifier !== null && uuid.startsWith(ptero_identifier)
}
