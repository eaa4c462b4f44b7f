/** Its folders from the top down; a folder imports only from those after it. */
module.exports = ['recovery', 'replay', 'dead-letters']
