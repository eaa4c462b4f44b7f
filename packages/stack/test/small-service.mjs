// A service as small as one can be: ready after READY_AFTER_MS, and gone when asked to crash.
import { createServer } from 'node:http'

const readyAt = Date.now() + Number(process.env.READY_AFTER_MS ?? 0)
const server = createServer((request, response) => {
  if (request.url === '/crash') {
    console.log('about to fall over')
    process.exit(3)
  }
  if (request.url === '/env') return response.end(JSON.stringify({ ...process.env, argv: process.execArgv }))
  response.writeHead(Date.now() >= readyAt ? 200 : 503).end()
})
if (process.env.REFUSE) throw new Error(process.env.REFUSE)
server.listen(Number(process.env.PORT), '127.0.0.1')
if (!process.env.STUBBORN) process.on('SIGTERM', () => server.close(() => process.exit(0)))
else process.on('SIGTERM', () => console.log('no'))
