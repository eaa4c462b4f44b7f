import { connect, type Socket } from 'node:net'

export type Connection = { send(request: Buffer): void; close(): void }

export type Listeners = { onStatus: (status: number) => void; onLost: () => void }

/** A keep-alive connection for one request at a time, that reads of an answer no more than its status and its end. */
export async function openConnection(port: number, { onStatus, onLost }: Listeners): Promise<Connection> {
  const socket = await connected(port)
  let answer: Buffer | undefined
  socket.on('data', (piece: Buffer) => {
    answer = answer ? Buffer.concat([answer, piece]) : piece
    const end = endOf(answer)
    if (end === undefined || answer.length < end) return
    const status = Number(answer.toString('latin1', 9, 12))
    answer = undefined
    onStatus(status)
  })
  let closing = false
  socket.on('close', () => closing || onLost())
  return {
    send: (request) => void socket.write(request),
    close: () => {
      closing = true
      socket.destroy()
    },
  }
}

function connected(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    // Afterwards a close is all that an error leads to.
    socket.on('error', reject)
    socket.once('connect', () => resolve(socket))
  })
}

/** Undefined while its head has not wholly arrived. */
function endOf(answer: Buffer): number | undefined {
  const head = answer.indexOf('\r\n\r\n')
  if (head === -1) return undefined
  const length = /\ncontent-length: (\d+)/i.exec(answer.toString('latin1', 0, head))?.[1]
  if (length === undefined)
    throw new Error(`An answer without a length: ${answer.toString('latin1', 0, head)}`)
  return head + 4 + Number(length)
}
