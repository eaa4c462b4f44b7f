/** Services whose rules are pure and whose folders know nothing of how they are composed. */
const services = ['provisioner']
const src = `^services/(?:${services.join('|')})/src`
const tests = '[.]test[.]ts$'
const transport = '^packages/(?:database|messaging)/'

exports.pureRules = [
  {
    name: 'folders-know-no-composition',
    comment: 'service.ts hands each folder what it needs; no folder imports the loose files of src.',
    severity: 'error',
    from: { path: `${src}/[^/]+/`, pathNot: tests },
    to: { path: `${src}/[^/]+[.]ts$` },
  },
  {
    name: 'rules-are-pure',
    comment: 'rules/ decides; whoever calls it reads and writes. Of net, the rules of eggs use isIP.',
    severity: 'error',
    from: { path: `${src}/rules/`, pathNot: `${tests}|/egg-rules/checks[.]ts$` },
    to: { path: `^(?:node:)?(?:fs|net|http|https|dns|child_process|timers)(?:/|$)|${transport}` },
  },
  {
    name: 'vendor-knows-no-store',
    comment: "The vendor's folder makes calls: it neither reads our tables nor publishes events.",
    severity: 'error',
    from: { path: `${src}/(?:pterodactyl|panel-types)/`, pathNot: tests },
    to: { path: transport },
  },
]
