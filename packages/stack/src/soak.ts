/** `npm run test:soak`: every case of the sweeps, and the long random runs, of which `npm test` takes a part. */
const isSoak = process.env.SPAWNPOINT_SOAK === '1'

export function inSoak<T>(whole: T, part: T): T {
  return isSoak ? whole : part
}
