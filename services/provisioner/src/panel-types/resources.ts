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
  /** When its row was last changed, in whole seconds. */
  updated_at?: string | undefined
  relationships?:
    | {
        allocations?: PanelPort[] | undefined
        node?: { fqdn: string } | undefined
        /** Its owner; shown only where they were asked for. */
        user?: PanelUser | undefined
      }
    | undefined
}

export type PanelUser = {
  id: number
  uuid: string
  external_id: string | null
  username: string
  email: string
  root_admin: boolean
}

export type PanelNode = {
  id: number
  name: string
  fqdn?: string | undefined
  maintenance_mode: boolean
  memory: number
  memory_overallocate: number
  disk: number
  disk_overallocate: number
  allocated_resources: { memory: number; disk: number }
  /** Shown only where they were asked for. */
  relationships?: { servers?: { limits: { cpu: number } }[] | undefined } | undefined
}

export type EggVariable = {
  name: string
  /** By the panel's rule `^\w{1,191}$`: `MAX_PLAYERS`, `bot_token`. */
  env_variable: string
  default_value: string | null
  /** Whether customers may change it on the panel. */
  user_editable: boolean
  /** Laravel rules, divided by `|` where they are one text. */
  rules: string | string[]
}

export type PanelEgg = {
  id: number
  /** The first of its images, in the egg's own order. */
  docker_image: string | null
  docker_images: Record<string, string>
  startup: string
  relationships: {
    variables: EggVariable[]
  }
}
