import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const root = fileURLToPath(new URL('..', import.meta.url))
// Machines of a CI are shared, and a story that waits for real processes may miss its time there once; it is shown as retried.
const retry = process.env.CI ? 1 : 0
const ignored = ['**/node_modules/**', '**/dist/**', '**/generated/**']

export default defineConfig({
  root,
  test: {
    // Once for the whole run, whichever projects take part: a private MariaDB that every test file draws schemas from.
    globalSetup: 'packages/stack/src/vitest-global-setup.ts',
    projects: [
      {
        root,
        test: {
          name: 'unit',
          include: ['{packages,services}/*/src/**/*.test.ts'],
          exclude: ignored,
          // Properties run hundreds of times, and the machines of a CI are shared.
          testTimeout: 30_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        root,
        test: {
          name: 'servers',
          include: ['{packages,services}/*/test/**/*.test.ts'],
          exclude: [...ignored, 'packages/e2e/**'],
          maxWorkers: 2,
          retry,
          testTimeout: 30_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 2 },
        },
      },
      {
        root,
        test: {
          name: 'e2e',
          include: ['packages/e2e/test/**/*.test.ts'],
          exclude: ignored,
          // A whole stack each, with timings worth reading: one at a time.
          maxWorkers: 1,
          retry,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
})
