/** Top to bottom: a folder imports only from those after it. */
module.exports = [
  'api',
  'recovery',
  'control-loop',
  'checks',
  'drift',
  'capacity',
  'panels',
  'store',
  'pterodactyl',
  'rules',
  'panel-types',
]
