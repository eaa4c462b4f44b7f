import { subscribe } from 'node:diagnostics_channel'

// Loaded before a service: kills its process, as the kernel would, the first time it passes the named point.
subscribe('spawnpoint.step', (point) => {
  if (point === process.env.DIE_AT) process.kill(process.pid, 'SIGKILL')
})
