import { fileURLToPath } from 'node:url'

// The same depth from src/ (tests) and from dist/ (npm start).
export const repositoryRoot = fileURLToPath(new URL('../../..', import.meta.url))
