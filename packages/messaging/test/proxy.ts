import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** A way to the database that can be cut: connections break, and new ones are refused until it is mended. */
export async function openProxy(url: string) {
  const target = new URL(url)
  const sockets = new Set<Socket>()
  let broken = false
  const server = createServer((near) => {
    if (broken) return near.destroy()
    const far = connect(Number(target.port), target.hostname)
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket)
      socket.pipe(other)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The proxy has no port')
  const own = new URL(url)
  own.port = String(address.port)
  const cut = () => {
    broken = true
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: own.href,
    cut,
    isCut: () => broken,
    mend: () => {
      broken = false
    },
    async [Symbol.asyncDispose]() {
      cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
