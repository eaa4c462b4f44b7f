export type RssWatch = Disposable & {
  /** The most there was between two moments of performance.now(), in MB. */
  most(from: number, to: number): number
}

/** Samples a process's memory ten times a second. */
export function watchRss(rssMb: () => number): RssWatch {
  const seen: { at: number; mb: number }[] = []
  const sample = () => void seen.push({ at: performance.now(), mb: rssMb() })
  sample()
  const timer = setInterval(sample, 100)
  return {
    most: (from, to) => Math.max(...seen.filter(({ at }) => at >= from && at <= to).map(({ mb }) => mb)),
    [Symbol.dispose]: () => clearInterval(timer),
  }
}
