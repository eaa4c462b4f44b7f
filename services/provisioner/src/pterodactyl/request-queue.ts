/** Whose turn it is first when calls have to wait: what changes something, a look, a look at an install, a sweep. */
const urgencies = ['act', 'look', 'poll', 'sweep'] as const
export type Urgency = (typeof urgencies)[number]

type Waiting = { rank: number; go: () => void }

/** Calls that wait for their turn: the most urgent first, and of those who came first. */
export function createQueue() {
  const waiting: Waiting[] = []

  return {
    length: () => waiting.length,
    next: () => waiting.shift()?.go(),
    /** Whether its turn has come; false once it is too long. */
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
