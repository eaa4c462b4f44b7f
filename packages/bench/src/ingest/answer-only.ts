import { createServer } from 'node:net'

// Neither reads nor parses what it is sent: whatever comes over a connection at once is one request.
const answer = Buffer.from(
  'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 17\r\n\r\n{"received":true}',
)

createServer({ noDelay: true }, (socket) => {
  socket.on('data', () => void socket.write(answer))
  socket.on('error', () => socket.destroy())
}).listen(Number(process.env.PORT), '127.0.0.1')
