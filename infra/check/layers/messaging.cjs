/** Its folders from the top down; a folder imports only from those after it. */
module.exports = ['rpc', 'repair', 'consumer', 'outbox', 'jobs', 'connection']
