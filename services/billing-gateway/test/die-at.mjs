import { subscribe } from 'node:diagnostics_channel'

// Loaded before a gateway: kills its process, as the kernel would, when it passes the named point.
subscribe('spawnpoint.failpoint', (point) => {
  if (point === process.env.DIE_AT) process.kill(process.pid, 'SIGKILL')
})
