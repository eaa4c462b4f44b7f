/** Runs one piece of work to its end, instead of the service: its result goes to stdout, in words or, with `--json`, as one line of JSON. */
export async function runOnce<Result>(
  work: () => Promise<Result>,
  describe: (result: Result) => string,
): Promise<void> {
  try {
    const result = await work()
    process.stdout.write(`${process.argv.includes('--json') ? JSON.stringify(result) : describe(result)}\n`)
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = 1
  }
}
