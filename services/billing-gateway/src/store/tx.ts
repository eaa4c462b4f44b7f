import type { Prisma } from '../generated/client.ts'

export type Tx = Prisma.TransactionClient
