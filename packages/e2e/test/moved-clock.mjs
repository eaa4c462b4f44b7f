// Preloaded into a service: its clock is ahead of the machine's by the milliseconds in the file.
import { readFileSync } from 'node:fs'

const file = process.env.CLOCK_FILE
const RealDate = Date
let aheadMs = readAhead()

globalThis.Date = class extends RealDate {
  constructor(...args) {
    if (args.length === 0) super(RealDate.now() + aheadMs)
    else super(...args)
  }
  static now() {
    return RealDate.now() + aheadMs
  }
}

setInterval(() => {
  aheadMs = readAhead()
}, 20).unref()

// Also before the first line of the service runs: after a restart its time is not to go back.
function readAhead() {
  return Number(readFileSync(file, 'utf8'))
}
