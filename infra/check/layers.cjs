const { existsSync, readdirSync } = require('node:fs')
const workspaces = readdirSync(`${__dirname}/layers`).map((file) => file.replace(/[.]cjs$/, ''))
const layersOf = Object.fromEntries(workspaces.map((name) => [name, require(`./layers/${name}.cjs`)]))
const parentOf = (name) => (existsSync(`${__dirname}/../../packages/${name}`) ? 'packages' : 'services')
const folder = (name, names) => `^${parentOf(name)}/${name}/src/(?:${names.join('|')})/`
/** A folder imports only from those after it. */
exports.layerRules = workspaces.flatMap((workspace) =>
  layersOf[workspace].slice(1).map((name, index) => ({
    name: `layers-of-${workspace}`,
    comment: `Imports go down, never up: ${layersOf[workspace].join(' → ')}.`,
    severity: 'error',
    from: { path: folder(workspace, [name]) },
    to: { path: folder(workspace, layersOf[workspace].slice(0, index + 1)) },
  })),
)
