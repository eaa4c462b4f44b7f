import { subscribe } from 'node:diagnostics_channel'
import { readFileSync, rmSync } from 'node:fs'

// Loaded before a service: after a SIGUSR2, kills its process, as the kernel would, when it passes the point that the file
// names. The one that is started after it is not armed: each death costs one start.
const file = process.env.DIE_AT_FILE
let dieAt
process.on('SIGUSR2', () => {
  dieAt = readFileSync(file, 'utf8')
  // Whoever armed it waits for this.
  rmSync(file)
})
subscribe('spawnpoint.failpoint', (point) => {
  if (point === dieAt) process.kill(process.pid, 'SIGKILL')
})
