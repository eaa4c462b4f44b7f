import { subscribe } from 'node:diagnostics_channel'

// Loaded before a service: after a SIGUSR2, kills its process, as the kernel would, when it passes the named point.
let armed = false
process.on('SIGUSR2', () => {
  armed = true
})
subscribe('spawnpoint.failpoint', (point) => {
  if (armed && point === process.env.DIE_AT) process.kill(process.pid, 'SIGKILL')
})
