import type { Step } from '../step.ts'

export type Terminal = {
  line(text?: string): void
  step: Step
  dim(text: string): string
  bold(text: string): string
  good(text: string): string
  bad(text: string): string
}

/** One line per finished step with its time. On a terminal, a line below shows what is under way. */
export function openTerminal(
  stream: NodeJS.WritableStream & { isTTY?: boolean },
  env: NodeJS.ProcessEnv = process.env,
): Terminal {
  const lively = stream.isTTY === true && !env.NO_COLOR
  const style = (code: number) => (text: string) => (lively ? `\x1b[${code}m${text}\x1b[0m` : text)
  const [bold, dim, bad, good] = [style(1), style(2), style(31), style(32)]
  const underWay = new Set<string>()

  function line(text = ''): void {
    stream.write(lively ? `${eraseLine}${text}\n${status()}` : `${text}\n`)
  }

  function status(): string {
    return underWay.size > 0 ? dim(`… ${[...underWay].join(', ')}`) : ''
  }

  const step: Step = async (title, work, describe = () => '') => {
    const begun = performance.now()
    const took = () => dim(duration(performance.now() - begun))
    underWay.add(title)
    if (lively) stream.write(`${eraseLine}${status()}`)
    try {
      const result = await work()
      underWay.delete(title)
      line(`${good('✔')} ${[title.padEnd(titleWidth), describe(result), took()].filter(Boolean).join('  ')}`)
      return result
    } catch (error) {
      underWay.delete(title)
      line(`${bad('✖')} ${title.padEnd(titleWidth)}  ${took()}`)
      throw error
    }
  }
  return { line, step, dim, bold, good, bad }
}

export function duration(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`
}

const titleWidth = 'billing-gateway'.length
const eraseLine = '\r\x1b[2K'
