import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

const root = fileURLToPath(new URL('..', import.meta.url))
const ignored = ['**/node_modules/**', '**/dist/**', '**/generated/**']

// Machines of a CI are shared, and a story that waits for real processes may miss its time there once; it is shown as retried.
const retry = process.env.CI ? 1 : 0
// Files of a minute or more: begun last, they would run alone.
const slow = /(?:crash|money-model|scarce-nodes|start-stop|impossible|recovery|every-order)[^/]*[.]test[.]ts$/

class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const isSlow = ({ moduleId }: TestSpecification) => slow.test(moduleId)
    return [...sorted.filter(isSlow), ...sorted.filter((file) => !isSlow(file))]
  }
}

export default defineConfig({
  root,
  test: {
    sequence: { sequencer: SlowFirst },
    // Once for the whole run, whichever projects take part: a private MariaDB that every test file draws schemas from.
    globalSetup: 'packages/stack/src/vitest-global-setup.ts',
    projects: [
      {
        root,
        test: {
          name: 'unit',
          include: ['{packages,services}/*/src/**/*.test.ts'],
          exclude: ignored,
          // A worker loads each module once; no test of these changes one.
          isolate: false,
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
          isolate: false,
          // More than cores: they wait for databases and timers half of their time.
          maxWorkers: 3,
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
          isolate: false,
          // A whole stack each, which mostly waits.
          maxWorkers: 3,
          retry,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
})
