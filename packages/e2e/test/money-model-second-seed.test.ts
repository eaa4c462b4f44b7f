import { inSoak } from '@spawnpoint/stack'
import { testYears } from './money-model/play-years.ts'

testYears({ years: inSoak(2_500, 50), part: 1, atMostMs: 900_000 })
