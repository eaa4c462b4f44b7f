import { connect } from 'node:net'

export type NatsInfo = { version: string; jetstream: boolean }

/** What a NATS server says first to everyone who connects: `INFO {…}`. */
export async function natsInfo(url: string): Promise<NatsInfo> {
  const { hostname, port } = new URL(url.includes('://') ? url : `nats://${url}`)
  const line = await firstLine(hostname.replace(/^\[|\]$/g, ''), Number(port || 4222))
  if (!line.startsWith('INFO ')) throw new Error(`${hostname}:${port} is not a NATS server`)
  const info: { version?: string; jetstream?: boolean } = JSON.parse(line.slice('INFO '.length))
  return { version: info.version ?? 'unknown', jetstream: info.jetstream === true }
}

function firstLine(host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = ''
    const socket = connect({ host, port, timeout: 2_000 })
    socket.setEncoding('utf8')
    socket.once('timeout', () => socket.destroy(new Error(`${host}:${port} does not answer`)))
    socket.once('error', reject)
    socket.once('close', () => reject(new Error(`${host}:${port} closed the connection`)))
    socket.on('data', (chunk) => {
      received += chunk
      if (!received.includes('\r\n')) return
      resolve(received.slice(0, received.indexOf('\r\n')))
      socket.destroy()
    })
  })
}
