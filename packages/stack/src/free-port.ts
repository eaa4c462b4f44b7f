import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'

/**
 * `preferred` when nothing listens there, else any free port of 127.0.0.1, which nobody else who asks here is given until this
 * process ends: not before its server listens, nor while that one is stopped and started again.
 */
export async function freePort(preferred?: number): Promise<number> {
  if (preferred !== undefined && (await isFree(preferred))) return preferred
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest))
    if ((await claim(port)) && (await isFree(port))) return port
  }
  throw new Error(`No free port found between ${lowest} and ${highest}`)
}

// Below the kernel's range for outgoing connections: a client that keeps reconnecting to a stopped server there
// can be given that very port as its own, connect to itself and keep the server from coming back.
const lowest = 20_000
const highest = 32_000

// Nothing here speaks UDP: whoever has that port is who was given the TCP port of the same number, and a process that dies
// gives it back.
function claim(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4').unref()
    socket.once('error', () => {
      socket.close()
      resolve(false)
    })
    socket.bind({ port, address: '127.0.0.1', exclusive: true }, () => resolve(true))
  })
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)))
  })
}
