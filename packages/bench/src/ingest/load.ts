import { type Connection, openConnection } from './connection.ts'
import type { SignedRequests } from './signed-requests.ts'

/** `status` 0: there was none. Times are those of performance.now(). */
export type Answer = { number: number; status: number; sentAt: number; answeredAt: number }

export type Load = AsyncDisposable & {
  answers: readonly Answer[]
  /** Sends no more and waits for those under way; `answers` is then whole. */
  stop(): Promise<void>
}

export type LoadOptions = {
  port: number
  connections: number
  requests: SignedRequests
  /** How long a sender that was not answered 200 waits before its next event. */
  pauseMs?: number
  /** How long the last events are waited for. */
  patienceMs?: number
}

/** Each connection sends its next event as soon as the last is answered. */
export async function startLoad({ connections, ...options }: LoadOptions): Promise<Load> {
  const answers: Answer[] = []
  const senders = await Promise.all(Array.from({ length: connections }, () => openSender(options, answers)))
  for (const { start } of senders) start()
  let stopped: Promise<unknown> | undefined
  const stop = async () => {
    stopped ??= Promise.all(senders.map((sender) => sender.stop()))
    await stopped
  }
  return { answers, stop, [Symbol.asyncDispose]: stop }
}

type Sender = { start(): void; stop(): Promise<void> }

async function openSender(options: Omit<LoadOptions, 'connections'>, answers: Answer[]): Promise<Sender> {
  const { port, requests, pauseMs = 0, patienceMs = 15_000 } = options
  let whenStopped: (() => void) | undefined
  let underWay: Pick<Answer, 'number' | 'sentAt'> | undefined
  let connection: Connection | undefined = await open()

  function open(): Promise<Connection> {
    return openConnection(port, { onStatus: settle, onLost: lose })
  }

  function lose() {
    connection = undefined
    if (underWay) settle(0)
  }

  function send() {
    if (whenStopped) return finish(whenStopped)
    const { number, bytes } = requests.next()
    underWay = { number, sentAt: performance.now() }
    connection?.send(bytes)
  }

  function settle(status: number) {
    if (!underWay) throw new Error(`An answer that nobody asked for: ${status}`)
    answers.push({ ...underWay, status, answeredAt: performance.now() })
    underWay = undefined
    if (status === 200) send()
    else setTimeout(() => void again(), pauseMs)
  }

  async function again() {
    if (whenStopped) return finish(whenStopped)
    try {
      connection ??= await open()
    } catch {
      setTimeout(() => void again(), 100)
      return
    }
    send()
  }

  function finish(stopped: () => void) {
    connection?.close()
    stopped()
  }

  async function stop(): Promise<void> {
    const impatient = setTimeout(() => {
      connection?.close()
      lose()
    }, patienceMs)
    await new Promise<void>((resolve) => {
      whenStopped = resolve
    })
    clearTimeout(impatient)
  }

  return { start: send, stop }
}
