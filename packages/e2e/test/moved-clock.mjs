// Preloaded into a service: its clock goes ahead of the machine's by as many milliseconds as the file says.
import { readFileSync } from 'node:fs'

const file = process.env.CLOCK_FILE
const RealDate = Date
let aheadMs = 0

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
  aheadMs = Number(readFileSync(file, 'utf8'))
}, 20).unref()
