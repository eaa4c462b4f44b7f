import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** A wire between two programs that can be cut, slowed and made to carry nothing. */
export type Wire = AsyncDisposable & {
  port: number
  /** Both ends of every connection are reset; says how many there were. New ones are taken at once. */
  cut(): number
  /** Each piece of data takes so long from now on; 0 is a healthy wire. */
  slow(perPieceMs: number): void
  /** Nothing gets through, and nobody is told. */
  stall(): void
  heal(): void
}

type Line = { near: Socket; far: Socket }

/** Listens on a loopback port and passes everything on. */
export async function openWire(target: { host: string; port: number }): Promise<Wire> {
  const lines = new Set<Line>()
  let perPieceMs = 0
  let stalled = false

  const server = createServer((near) => {
    const far = connect({ ...target, noDelay: true })
    near.setNoDelay(true)
    const line = { near, far }
    lines.add(line)
    pass(near, far)
    pass(far, near)
    near.once('close', () => lines.delete(line))
  })

  function pass(from: Socket, to: Socket) {
    let waiting = 0
    let passing = Promise.resolve()
    if (stalled) from.pause()
    from.on('data', (piece) => {
      if (perPieceMs === 0 && waiting === 0) {
        if (!to.write(piece)) from.pause()
        return
      }
      waiting++
      passing = passing.then(async () => {
        await delay(perPieceMs)
        waiting--
        if (to.writable) to.write(piece)
      })
    })
    to.on('drain', () => {
      if (!stalled) from.resume()
    })
    from.on('end', () => void passing.then(() => to.end()))
    from.on('close', () => to.destroy())
    // A broken connection is what a wire is for: the other end learns of it, and nobody else needs to.
    from.on('error', () => reset(to))
  }

  function eachSocket(act: (socket: Socket) => void) {
    for (const { near, far } of lines) for (const socket of [near, far]) act(socket)
  }

  function cut() {
    const count = lines.size
    eachSocket(reset)
    return count
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port: 0, host: '127.0.0.1' }, resolve)
  })
  return {
    port: portOf(server.address()),
    cut,
    slow: (ms) => {
      perPieceMs = ms
    },
    stall: () => {
      stalled = true
      eachSocket((socket) => socket.pause())
    },
    heal: () => {
      perPieceMs = 0
      stalled = false
      eachSocket((socket) => socket.resume())
    },
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      eachSocket((socket) => socket.destroy())
      await closed
    },
  }
}

// A reset while a connection is still being made, or is being ended, leaves node a handle that it never gets rid of.
function reset(socket: Socket): void {
  if (socket.connecting || socket.writableEnded) socket.destroy()
  else socket.resetAndDestroy()
}

function portOf(address: ReturnType<ReturnType<typeof createServer>['address']>): number {
  if (address === null || typeof address === 'string') throw new Error('The wire has no port')
  return address.port
}
