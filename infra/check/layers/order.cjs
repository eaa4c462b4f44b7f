/** From the entry points down: a folder imports only from those after it. */
module.exports = [
  'api',
  'checkout',
  'recovery',
  'reconciliation',
  'jobs',
  'subscriptions',
  'commands',
  'consumers',
  'peers',
  'store',
  'rules',
]
