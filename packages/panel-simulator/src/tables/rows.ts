/** The panel's rows, in the words of its own database and API; times are milliseconds. */
type Stamped = { id: number; created_at: number; updated_at: number }

export type User = Stamped & {
  external_id: string | null
  uuid: string
  username: string
  email: string
  first_name: string
  last_name: string
  language: string
  root_admin: boolean
}

export type Location = Stamped & { short: string; long: string | null }

export type Node = Stamped & {
  uuid: string
  public: boolean
  name: string
  description: string | null
  location_id: number
  fqdn: string
  scheme: 'http' | 'https'
  behind_proxy: boolean
  maintenance_mode: boolean
  memory: number
  /** Percent on top of `memory`. -1 is not "unlimited" to the panel: it takes one percent off. */
  memory_overallocate: number
  disk: number
  disk_overallocate: number
  upload_size: number
  daemon_listen: number
  daemon_sftp: number
  daemon_base: string
  daemon_token_id: string
  daemon_token: string
}

export type Allocation = {
  id: number
  node_id: number
  ip: string
  ip_alias: string | null
  port: number
  notes: string | null
  /** Who holds it. A server's own `allocation` may say otherwise: the panel lets others take it away. */
  server_id: number | null
}

export type Nest = Stamped & { uuid: string; author: string; name: string; description: string }

export type EggVariable = Stamped & {
  name: string
  description: string
  env_variable: string
  default_value: string
  user_viewable: boolean
  user_editable: boolean
  /** Laravel rules, divided by `|`. */
  rules: string
}

export type Egg = Stamped & {
  uuid: string
  nest_id: number
  name: string
  author: string
  description: string
  docker_images: Record<string, string>
  /** The first of them where labels are numbers: JavaScript does not keep the order of such keys. */
  docker_image?: string
  config: {
    files: Record<string, { parser: string; find: Record<string, unknown> }>
    startup: { done: string | string[] }
    stop: string
    logs: unknown
    file_denylist: string[]
    extends: null
  }
  startup: string
  script: { privileged: boolean; install: string; entry: string; container: string; extends: null }
  variables: EggVariable[]
}

/** `restoring_backup` ends with null, whatever came of it (`BackupStatusController::restore`). */
type ServerStatus = 'installing' | 'install_failed' | 'reinstall_failed' | 'restoring_backup' | 'suspended'

export type Server = Stamped & {
  external_id: string | null
  uuid: string
  name: string
  description: string
  status: ServerStatus | null
  memory: number
  swap: number
  disk: number
  io: number
  cpu: number
  threads: string | null
  oom_disabled: boolean
  database_limit: number
  allocation_limit: number | null
  backup_limit: number
  owner_id: number
  node_id: number
  /** The default allocation: unique over all servers. */
  allocation_id: number
  nest_id: number
  egg_id: number
  startup: string
  image: string
  skip_scripts: boolean
  /** Values by the id of their egg variable. */
  variables: ReadonlyMap<number, string>
  installed_at: number | null
  transferring: boolean
  /** Of a transfer that an administrator has begun: where it goes, and what it then leaves. */
  transfer: { node: number; allocation: number; additional: number[]; leaves: number[] } | null
}
