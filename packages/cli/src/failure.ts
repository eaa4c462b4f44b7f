/** Ends the command: what failed and why, and what to do next. */
export class Failure extends Error {
  constructor(
    message: string,
    readonly next?: string,
    readonly exitCode: 1 | 2 | 3 = 1,
  ) {
    super(message)
  }
}
