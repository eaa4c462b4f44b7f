/** The order in which queued calls are sent: what finishes a paid order, other changes and reads, then sweeps. */
const urgencies = ['paid', 'normal', 'sweep'] as const
export type Urgency = (typeof urgencies)[number]

type Waiting = { rank: number; go: () => void }

/** Queued calls: the most urgent first, then in order of arrival. */
export function createQueue() {
  const waiting: Waiting[] = []

  return {
    length: () => waiting.length,
    next: () => waiting.shift()?.go(),
    /** True when the call may be sent; false once it waited for too long. */
    join(urgency: Urgency, tooLong: AbortSignal): Promise<boolean> {
      if (tooLong.aborted) return Promise.resolve(false)
      const rank = urgencies.indexOf(urgency)
      return new Promise((resolve) => {
        const giveUp = () => {
          waiting.splice(waiting.indexOf(one), 1)
          resolve(false)
        }
        const go = () => {
          tooLong.removeEventListener('abort', giveUp)
          resolve(true)
        }
        const one = { rank, go }
        tooLong.addEventListener('abort', giveUp, { once: true })
        const after = waiting.findIndex((other) => other.rank > rank)
        waiting.splice(after === -1 ? waiting.length : after, 0, one)
      })
    },
  }
}
