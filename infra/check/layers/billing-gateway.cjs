/** Its folders from the entry points down; a folder imports only from those after it. */
module.exports = [
  'api',
  'recovery',
  'backfill',
  'refunds',
  'checkout',
  'process',
  'webhook',
  'store',
  'stripe',
  'rules',
]
