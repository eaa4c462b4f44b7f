/** Like Promise.all, but an error goes on only once all of them have ended: nobody works on a server that was given back. */
export async function allOrError<T extends unknown[]>(
  work: [...T],
): Promise<{ [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(work)
  return await Promise.all(work)
}
