import { defineConfig } from 'prisma/config'

export default defineConfig({
  schema: 'prisma/schema.prisma',
  // Generating the client needs no database.
  datasource: { url: process.env.DATABASE_URL ?? 'mysql://localhost/stack' },
})
