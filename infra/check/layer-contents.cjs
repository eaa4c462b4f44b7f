const { readdirSync } = require('node:fs')
const services = readdirSync(`${__dirname}/layers`).map((file) => file.replace(/[.]cjs$/, ''))
const from = (rest, pathNot) => ({ path: `^services/(${services.join('|')})/src/${rest}`, pathNot })
const installed = (name) => `(?:^|/)node_modules/${name}/`
const tests = '[.]test[.]ts$'
// `newEvent` only gives an event its form and an id that follows from its cause; `derivedId` is that id.
const makesEvents =
  '^services/(?:billing-gateway/src/rules/events|order/src/rules/decisions/undeliverable)[.]ts$'
// asciiEmail only writes an address in one form.
const writesEmails = '^services/provisioner/src/rules/customer-key[.]ts$'
const writesOutbox =
  '^services/(?:billing-gateway/src/store/billing-state|order/src/store/(?:save-orders|discrepancies)|provisioner/src/store/(?:server-changes|drifts))[.]ts$'
// Of Node only what computes: no files, no network, no processes.
const computes = '^(?:node:)?(?:crypto|net|url|util)$'

/** What each layer may know beside the layers below it. */
exports.contentRules = [
  {
    name: 'folders-know-no-composition',
    comment: 'The loose files put the folders together and hand them what they need.',
    severity: 'error',
    from: from('[^/]+/', tests),
    to: { path: '^services/$1/src/[^/]+[.]ts$' },
  },
  {
    name: 'rules-are-pure',
    comment:
      'rules/ imports rules, the types of panels, contracts and zod: no I/O, no database, no messaging, no vendor.',
    severity: 'error',
    from: from('rules/', `${tests}|${makesEvents}|${writesEmails}`),
    to: {
      pathNot: `^services/$1/src/(?:rules|panel-types)/|^packages/contracts/|${installed('(?:zod|@hono/zod-openapi)')}|${computes}`,
    },
  },
  {
    name: 'store-knows-no-vendor',
    comment: "store/ holds the service's own rows; a vendor's shapes stay in the vendor's folder.",
    severity: 'error',
    from: from('store/'),
    to: { path: `^services/$1/src/(?:stripe|pterodactyl)/|${installed('stripe')}` },
  },
  {
    name: 'store-publishes-only-by-the-outbox',
    comment: 'store/ knows of messaging only what writes the outbox or inbox in its own transaction.',
    severity: 'error',
    from: from('store/', writesOutbox),
    to: { path: '^packages/messaging/' },
  },
]
