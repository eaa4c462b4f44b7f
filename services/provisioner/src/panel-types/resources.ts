/** One allocation of a node. */
export type PanelPort = { id: number; ip: string; alias: string | null; port: number }

export type PanelServer = {
  id: number
  external_id: string | null
  uuid: string
  identifier: string
  name: string
  description: string
  status: string | null
  limits: {
    memory: number
    swap: number
    disk: number
    io: number
    cpu: number
    threads: string | null
    oom_disabled: boolean
  }
  user: number
  node: number
  /** The port that players connect to. */
  allocation: number
  egg: number
  container: {
    startup_command: string
    image: string
    environment: Record<string, string | number | boolean | null>
  }
  relationships?: { allocations?: PanelPort[] | undefined } | undefined
}

export type PanelNode = {
  id: number
  name: string
  maintenance_mode: boolean
  memory: number
  memory_overallocate: number
  disk: number
  disk_overallocate: number
  allocated_resources: { memory: number; disk: number }
  /** Shown only where they were asked for. */
  relationships?: { servers?: { limits: { cpu: number } }[] | undefined } | undefined
}

export type PanelEgg = {
  id: number
  docker_image: string | null
  docker_images: Record<string, string>
  startup: string
  relationships: {
    variables: { name: string; env_variable: string; default_value: string | null; rules: string }[]
  }
}

/** The longest address that consumers of our events store. */
const longestAddress = 191

/** What players connect to. */
export function addressOf(server: PanelServer): string | null {
  const own = server.relationships?.allocations?.find(({ id }) => id === server.allocation)
  if (!own) return null
  const named = `${own.alias ?? own.ip}:${own.port}`
  return named.length <= longestAddress ? named : `${own.ip}:${own.port}`
}
