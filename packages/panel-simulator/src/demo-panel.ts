import { allocationRange, type PanelSetup, type Seeds } from './panel-setup.ts'

/** Two locations, three nodes with 50 ports each, and eggs for Paper (1) and Rust (2). */
export function demoPanel(): PanelSetup {
  return {
    users: [
      {
        id: 1,
        username: 'admin',
        email: 'admin@example.test',
        first_name: 'Ada',
        last_name: 'Admin',
        root_admin: true,
      },
      { id: 2, username: 'plain', email: 'plain@example.test', first_name: 'Pat', last_name: 'Plain' },
    ],
    locations: [
      { id: 1, short: 'eu', long: 'Frankfurt' },
      { id: 2, short: 'us', long: 'New York' },
    ],
    nodes: [
      { id: 1, location_id: 1, name: 'fra-1', memory: 65536, disk: 1048576 },
      { id: 2, location_id: 1, name: 'fra-2', memory: 65536, disk: 1048576 },
      { id: 3, location_id: 2, name: 'nyc-1', memory: 65536, disk: 1048576 },
    ],
    allocations: [1, 2, 3].flatMap((node) =>
      allocationRange({
        firstId: (node - 1) * 50 + 1,
        node,
        ip: `203.0.113.${node}`,
        firstPort: 25565,
        count: 50,
      }),
    ),
    nests: [
      { id: 1, name: 'Minecraft', description: 'Minecraft - the classic game from Mojang.' },
      { id: 2, name: 'Rust', description: 'Rust - A game where you must fight to survive.' },
    ],
    eggs: [paper, rust],
  }
}

const paper: Seeds['egg'] = {
  id: 1,
  nest_id: 1,
  name: 'Paper',
  docker_images: {
    'Java 21': 'ghcr.io/pterodactyl/yolks:java_21',
    'Java 17': 'ghcr.io/pterodactyl/yolks:java_17',
  },
  startup:
    'java -Xms128M -XX:MaxRAMPercentage=95.0 -Dterminal.jline=false -Dterminal.ansi=true -jar {{SERVER_JARFILE}}',
  config: {
    files: {
      'server.properties': {
        parser: 'properties',
        find: {
          'server-ip': '0.0.0.0',
          'server-port': '{{server.build.default.port}}',
          'query.port': '{{server.build.default.port}}',
        },
      },
    },
    startup: { done: ')! For help, type ' },
    stop: 'stop',
    logs: [],
    file_denylist: [],
    extends: null,
  },
  variables: [
    {
      id: 1,
      name: 'Minecraft Version',
      env_variable: 'MINECRAFT_VERSION',
      default_value: 'latest',
      rules: 'nullable|string|max:20',
    },
    {
      id: 2,
      name: 'Server Jar File',
      env_variable: 'SERVER_JARFILE',
      default_value: 'server.jar',
      rules: 'required|regex:/^([\\w\\d._-]+)(\\.jar)$/',
    },
    {
      id: 3,
      name: 'Download Path',
      env_variable: 'DL_PATH',
      user_viewable: false,
      user_editable: false,
      rules: 'nullable|string',
    },
    {
      id: 4,
      name: 'Build Number',
      env_variable: 'BUILD_NUMBER',
      default_value: 'latest',
      rules: 'required|string|max:20',
    },
  ],
}

const rust: Seeds['egg'] = {
  id: 2,
  nest_id: 2,
  name: 'Rust',
  docker_images: { Rust: 'ghcr.io/pterodactyl/games:rust' },
  startup:
    './RustDedicated -batchmode +server.port {{SERVER_PORT}} +server.hostname "{{HOSTNAME}}" +server.maxplayers {{MAX_PLAYERS}} +rcon.port {{RCON_PORT}} +rcon.password "{{RCON_PASS}}"',
  variables: [
    {
      id: 5,
      name: 'Server Name',
      env_variable: 'HOSTNAME',
      default_value: 'A Rust Server',
      rules: 'required|string|max:60',
    },
    {
      id: 6,
      name: 'Max Players',
      env_variable: 'MAX_PLAYERS',
      default_value: '40',
      rules: 'required|integer',
    },
    {
      id: 7,
      name: 'RCON Port',
      env_variable: 'RCON_PORT',
      default_value: '28016',
      user_editable: false,
      rules: 'required|integer',
    },
    { id: 8, name: 'RCON Password', env_variable: 'RCON_PASS', rules: 'required|regex:/^[\\w.-]*$/|max:64' },
  ],
}
