import { growth } from '../growth/growth.ts'
import { ingest } from '../ingest/ingest.ts'
import { latency } from '../latency/latency.ts'
import { crowd } from '../launch/crowd.ts'
import { hangingNode } from '../launch/hanging-node.ts'
import { launch } from '../launch/launch.ts'
import { panelDown } from '../launch/panel-down.ts'
import { memory } from '../memory/memory.ts'
import { outage } from '../outage/outage.ts'
import { pipeline } from '../pipeline/pipeline.ts'
import { relay } from '../relay.ts'
import { replay } from '../replay.ts'
import { replicas } from '../replicas/replicas.ts'
import { startup } from '../startup.ts'
import type { Benchmark } from './benchmark.ts'

/** Minutes long each, and so not part of `all`. */
export const longBenchmarks: readonly Benchmark[] = [launch, crowd, panelDown, hangingNode]

/** In the order of `all`. */
export const benchmarks: readonly Benchmark[] = [
  ingest,
  outage,
  pipeline,
  latency,
  relay,
  replay,
  growth,
  memory,
  startup,
  replicas,
]
