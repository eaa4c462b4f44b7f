const { contentRules } = require('./infra/check/layer-contents.cjs')
const { layerRules } = require('./infra/check/layers.cjs')

const workspace = '^(?:packages|services)/[^/]+'
const tests = '[.]test[.]ts$|^(?:packages|services)/[^/]+/test/'
const inlineSql = '^packages/database/src/inline-sql[.]ts$'
const installed = (name) => `(?:^|/)node_modules/${name}/`

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...layerRules,
    ...contentRules,
    {
      name: 'rules-of-order',
      comment: 'discrepancies | decisions → billing → order; tests may play a whole story.',
      severity: 'error',
      from: { path: '^services/order/src/rules/(?:billing|order)/', pathNot: tests },
      to: { path: '^services/order/src/rules/(?:decisions|discrepancies)/' },
    },
    {
      name: 'rules-of-order-begin-with-the-order',
      severity: 'error',
      from: { path: '^services/order/src/rules/order/', pathNot: tests },
      to: { path: '^services/order/src/rules/(?!order/)' },
    },
    {
      name: 'services-meet-over-nats',
      comment: 'A service never imports another: they meet only over NATS.',
      severity: 'error',
      from: { path: '^services/([^/]+)/' },
      to: { path: '^services/', pathNot: '^services/$1/' },
    },
    {
      name: 'packages-know-no-service',
      comment: 'Only packages/e2e, which tells whole stories, may import services.',
      severity: 'error',
      from: { path: '^packages/', pathNot: '^packages/e2e/' },
      to: { path: '^services/' },
    },
    {
      name: 'through-the-front-door',
      comment: "Another package is entered by its name, through the file its package.json exports as '.'.",
      severity: 'error',
      from: { path: '^((?:packages|services)/[^/]+)/' },
      to: {
        path: workspace,
        pathNot: `^$1/|^(?:packages|services)/[^/]+/src/index[.]ts$|${inlineSql}`,
      },
    },
    {
      name: 'by-name-not-by-path',
      comment: 'Write @spawnpoint/<name>, so that package.json tells the truth about who needs whom.',
      severity: 'error',
      from: { path: '^((?:packages|services)/[^/]+)/' },
      to: { path: workspace, pathNot: '^$1/', dependencyTypesNot: ['aliased-workspace'] },
    },
    {
      name: 'values-are-parameters',
      comment:
        'Only the file of a service, or of messaging, that states what it gains writes values into its statements: elsewhere take `sql`.',
      severity: 'error',
      from: {
        path: workspace,
        pathNot:
          '^packages/database/|^(?:packages/messaging/src|services/[^/]+/src/store)/inline-statements[.]ts$',
      },
      to: { path: inlineSql },
    },
    {
      name: 'contracts-import-only-zod',
      comment: 'contracts says WHAT travels; whoever reads an event needs nothing else.',
      severity: 'error',
      from: { path: '^packages/contracts/', pathNot: tests },
      to: { pathNot: `^packages/contracts/|${installed('zod')}` },
    },
    {
      name: 'nats-only-in-messaging',
      comment: 'The client has a successor under another name: moving to it is then one package.',
      severity: 'error',
      from: { path: workspace, pathNot: '^packages/messaging/' },
      to: { path: installed('(?:nats|@nats-io/[^/]+)') },
    },
    {
      name: 'stripe-only-at-the-gateway',
      comment: 'Only billing-gateway talks to Stripe; the simulated Stripe holds itself to its types.',
      severity: 'error',
      from: { path: workspace, pathNot: '^services/billing-gateway/|^packages/stripe-simulator/' },
      to: { path: installed('stripe') },
    },
    {
      name: 'no-stand-ins-in-production',
      comment: 'Simulators and private servers are for tests and the demo; no service ships them.',
      severity: 'error',
      from: {
        path: '^services/|^packages/(?:contracts|database|messaging|operations|service-kit)/',
        pathNot: tests,
      },
      to: { path: '^packages/(?:panel-simulator|stripe-simulator|stack|bench|chaos|e2e)/' },
    },
    {
      name: 'no-cycles',
      comment: 'Type-only imports count: two files that need each other are one file or three.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'every-import-resolves',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: `${workspace}/(?:dist|src/generated)/` },
    // Type-only imports are gone after compilation; the rules hold for them too.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    combinedDependencies: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.mts', '.js', '.mjs', '.cjs', '.json'],
    },
  },
}
