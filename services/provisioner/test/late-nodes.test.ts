import { eventually } from '@spawnpoint/stack'
import { expect, test } from 'vitest'
import { openSeller, paidOrder } from './seller.ts'

test('while a node hangs, new servers are placed on the others of their region, as long as those have room', async () => {
  const timeScale = 0.1
  await using seller = await openSeller({
    timeScale,
    install: { mode: 'at-once' },
    env: { TIME_SCALE: String(timeScale) },
  })
  const nodes = (of: number[]) => seller.send('PUT', '/admin/region-nodes/eu', { nodes: of })
  seller.panel.breakWings({ node: 1, on: 'create', fault: 'hang' })
  await nodes([1])
  await seller.sell(paidOrder('o-late'))
  await eventually(async () =>
    expect(await seller.serverOf('o-late')).toMatchObject({ errorClass: 'unanswered' }),
  )
  await nodes([1, 2])
  const ids = Array.from({ length: 8 }, (_, index) => `o-${index}`)
  for (const id of ids) await seller.sell(paidOrder(id))
  for (const id of ids) await seller.provisioned(id)
  expect(ids.map((id) => seller.onPanel(id)[0]?.node)).toEqual(ids.map(() => 2))
  // With no room elsewhere it is waited for.
  seller.panel.change({ nodes: [{ id: 2, memory: 1_024 }] })
  await seller.viewIsNew()
  await seller.sell(paidOrder('o-there'))
  await eventually(async () =>
    expect(await seller.prisma.allocationClaim.findFirst({ where: { orderId: 'o-there' } })).toMatchObject({
      nodeId: 1,
    }),
  )
  seller.panel.healWings()
  await seller.provisioned('o-late', 60_000)
  await seller.provisioned('o-there', 60_000)
})
