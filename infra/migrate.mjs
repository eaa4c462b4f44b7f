import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

// Brings one service's schema up to date: DATABASE_URL=… node infra/migrate.mjs order
// Needs packages/database/dist, which the container image has.
const [service] = process.argv.slice(2)
const { DATABASE_URL, DATABASE_URL_FILE } = process.env
const url = DATABASE_URL_FILE ? readFileSync(DATABASE_URL_FILE, 'utf8').trim() : DATABASE_URL

if (!service || !url) {
  console.error('usage: DATABASE_URL=mysql://… node infra/migrate.mjs <service>')
  process.exit(2)
}

const { migrate } = await import(new URL('../packages/database/dist/index.js', import.meta.url).href)
const directory = fileURLToPath(new URL(`../services/${service}/prisma/migrations`, import.meta.url))
const { applied } = await migrate({ url, directory, log: (line) => console.error(line) })
console.log(applied.length > 0 ? `applied ${applied.join(', ')}` : 'up to date')
