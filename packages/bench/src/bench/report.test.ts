import { expect, test } from 'vitest'
import { atLeast, atMost } from './benchmark.ts'
import { drawChart } from './chart.ts'
import { describeResult, resultAsJson } from './report.ts'

const result = {
  name: 'ingest',
  goals: [
    atLeast(0.6, { what: 'of the ceiling', value: 0.51234567, unit: '×' }),
    atMost(60, { what: 'p99 < before', value: 12, unit: 'ms' }),
  ],
  samples: { 'ours, events/s': [5_000.4, 4_000.1, 6_000.2] },
  machine: {
    ...{ cpu: 'one', cores: 2, memory_gb: 8, system: 'Linux', node: '20.19.0' },
    ...{ mysql: 'MariaDB', mysql_memory_mb: 1_024, nats: 'nats-server', sync_ms: 1.23456 },
  },
}

test('people see each goal with what was reached, and each series with its median and spread', () => {
  expect(
    describeResult(result)
      .trim()
      .split('\n')
      .map((line) => line.trim()),
  ).toEqual([
    'ingest          goal   unit',
    '0.5123  of the ceiling  ≥ 0.6  ×     ✖',
    '12  p99 < before    ≤ 60   ms    ✔',
    '',
    'median  sample          least – most   times',
    '5,000  ours, events/s  4,000 – 6,000  3',
  ])
})

test('scripts get one line with the digits that mean something', () => {
  const line = resultAsJson(result)
  expect(line).not.toContain('\n')
  expect(JSON.parse(line)).toMatchObject({
    name: 'ingest',
    goals: [{ what: 'of the ceiling', value: 0.5123, goal: '≥ 0.6', unit: '×', met: false }, { met: true }],
    samples: { 'ours, events/s': [5_000, 4_000, 6_000] },
    machine: { cores: 2, sync_ms: 1.235 },
  })
})

test('a bar that reaches the line has reached its goal, whether that is a most or a least', () => {
  const bars = [...drawChart([result]).matchAll(/<rect class="(\w+)" .* width="(\d+)"/g)]
  expect(bars.map(([, met, width]) => [met, Number(width)])).toEqual([
    ['missed', 111],
    ['met', 260],
  ])
  expect(drawChart([result])).toContain('ingest: p99 &lt; before')
})
