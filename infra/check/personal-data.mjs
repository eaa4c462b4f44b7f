import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../run.mjs'

const page = 'infra/personal-data.md'
const services = ['order', 'billing-gateway', 'provisioner']

/** Each column of each schema is classified: it holds personal data, or does not. */
export async function personalDataIsNamed() {
  return compareColumns(columnsOfPage(readFileSync(join(root, page), 'utf8')), columnsOfSchemas())
}

function compareColumns(classified, existing) {
  const twice = classified.filter((column, index) => classified.indexOf(column) !== index)
  return [
    ...existing
      .filter((column) => !classified.includes(column))
      .map((column) => `${page}: say whether ${column} holds personal data`),
    ...classified
      .filter((column) => !existing.includes(column))
      .map((column) => `${page}: there is no ${column} (any more)`),
    ...twice.map((column) => `${page}: ${column} is classified twice`),
  ]
}

function columnsOfPage(text) {
  const rows = text.matchAll(/^\| ([\w-]+) \| (\w+) \| ([^|]+) \| ([^|]+) \| [^|]+ \|$/gm)
  return [...rows].flatMap(([, service, table, persons, others]) =>
    [...`${persons} ${others}`.matchAll(/`(\w+)`/g)].map(([, column]) => `${service} ${table}.${column}`),
  )
}

function columnsOfSchemas() {
  return services.flatMap((service) =>
    columnsOfSchema(service, readFileSync(join(root, 'services', service, 'prisma/schema.prisma'), 'utf8')),
  )
}

function columnsOfSchema(service, schema) {
  return [...schema.matchAll(/^model \w+ \{(.*?)^\}/gms)].flatMap(([, body]) => {
    const [, table] = body.match(/@@map\("(\w+)"\)/) ?? []
    return [...body.matchAll(/^ {2}(\w+) +[A-Z]\w*\??(.*)$/gm)].map(
      ([, field, rest]) => `${service} ${table}.${rest.match(/@map\("(\w+)"\)/)?.[1] ?? field}`,
    )
  })
}
