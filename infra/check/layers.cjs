const { readdirSync } = require('node:fs')
const services = readdirSync(`${__dirname}/layers`).map((file) => file.replace(/[.]cjs$/, ''))
const layersOf = Object.fromEntries(services.map((name) => [name, require(`./layers/${name}.cjs`)]))
const folder = (service, names) => `^services/${service}/src/(?:${names.join('|')})/`
/** A folder imports only from those after it. */
exports.layerRules = services.flatMap((service) =>
  layersOf[service].slice(1).map((name, index) => ({
    name: `layers-of-${service}`,
    comment: 'api → workflows → store | vendor → rules → contracts: imports go down, never up.',
    severity: 'error',
    from: { path: folder(service, [name]) },
    to: { path: folder(service, layersOf[service].slice(0, index + 1)) },
  })),
)
