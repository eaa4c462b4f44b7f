import { inSoak } from '@spawnpoint/stack'
import { testYears } from './money-model/play-years.ts'

testYears({ years: inSoak(2_500, 100), part: 0, atMostMs: 900_000 })
