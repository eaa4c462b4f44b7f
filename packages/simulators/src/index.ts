export * from './panel/index.ts'
export * from './stripe/index.ts'
