import { growth } from '../growth/growth.ts'
import { ingest } from '../ingest/ingest.ts'
import { latency } from '../latency/latency.ts'
import { launch } from '../launch/launch.ts'
import { memory } from '../memory/memory.ts'
import { outage } from '../outage/outage.ts'
import { pipeline } from '../pipeline/pipeline.ts'
import { relay } from '../relay.ts'
import { replay } from '../replay.ts'
import { replicas } from '../replicas/replicas.ts'
import { startup } from '../startup.ts'
import type { Benchmark } from './benchmark.ts'

/** In the order of `all`. */
export const benchmarks: readonly Benchmark[] = [
  ingest,
  outage,
  pipeline,
  latency,
  launch,
  relay,
  replay,
  growth,
  memory,
  startup,
  replicas,
]
