import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

const root = fileURLToPath(new URL('..', import.meta.url))
const ignored = ['**/node_modules/**', '**/dist/**', '**/generated/**']

// A private MariaDB that every test file draws schemas from: once for the run, and only when a project takes part that needs it.
const globalSetup = 'packages/stack/src/vitest-global-setup.ts'
// Files of a minute or more: begun last, they would run alone.
const slow =
  /(?:crash|money-model|scarce-nodes|start-stop|health|impossible|recovery|every-order|panels-admin|bad-panel|several-panels)[^/]*[.]test[.]ts$/

// The files of which `npm run test:soak` runs the whole; each asks `inSoak` how much that is.
const soaks = [
  'packages/e2e/test/{crash,crash-life,crash-second-panel,fuzz,fuzz-scopes,impossible}.test.ts',
  'packages/e2e/test/{money-model,money-model-second-seed,rules}.test.ts',
  'services/billing-gateway/test/{every-order-and-batch,refund-crash}.test.ts',
  'services/provisioner/test/scarce-nodes.test.ts',
]
const isSoak = process.env.SPAWNPOINT_SOAK === '1'

// One queue for all: a project after the other would leave cores idle at the end of each. A worker takes a file of its own
// project while the next one is of it, so each project's files stand together; the short ones of the servers come last.
const order = ['unit', 'e2e', 'servers']

class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const rank = ({ project, moduleId }: TestSpecification) =>
      2 * order.indexOf(project.name) + (slow.test(moduleId) ? 0 : 1)
    return sorted.toSorted((one, other) => rank(one) - rank(other))
  }
}

export default defineConfig({
  root,
  test: {
    sequence: { sequencer: SlowFirst },
    // More than cores: they wait for databases, processes and timers half of their time.
    maxWorkers: 4,
    projects: [
      {
        root,
        test: {
          name: 'unit',
          include: isSoak ? [] : ['{packages,services}/*/src/**/*.test.ts'],
          exclude: ignored,
          // A worker loads each module once; no test of these changes one.
          isolate: false,
          // They wait for nothing, and each worker more loads all modules once more.
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
          // Properties run hundreds of times, and the machines of a CI are shared.
          testTimeout: 120_000,
        },
      },
      {
        root,
        test: {
          name: 'servers',
          include: isSoak ? soaks : ['{packages,services}/*/test/**/*.test.ts'],
          exclude: [...ignored, 'packages/e2e/**'],
          isolate: false,
          globalSetup,
          sequence: { groupOrder: 1 },
          // What takes a second alone takes ten on a machine that others use too.
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        root,
        test: {
          name: 'e2e',
          include: isSoak ? soaks : ['packages/e2e/test/**/*.test.ts'],
          exclude: [...ignored, 'services/**'],
          isolate: false,
          globalSetup,
          sequence: { groupOrder: 1 },
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})
