/** The names of the version before, for readers of events that import them; they go with the next one. */
export {
  type Discrepancy as Difference,
  discrepancyKinds as differenceKinds,
  discrepancySchema as differenceSchema,
  discrepancyStates as differenceStates,
} from './discrepancy.ts'
export {
  type BillingFinding as MoneyFinding,
  billingFindingKinds as moneyFindingKinds,
  type PaymentState as PaymentStanding,
} from './order-money.ts'
export {
  type RepublishRequest as SayAgain,
  recheckServers as lookAgain,
  republishBilling as sayMoneyAgain,
  republishServers as sayServersAgain,
} from './rpc/republish.ts'
export {
  billingStatement as moneyStatement,
  type ServerStatement as ServerStanding,
} from './rpc/statement.ts'
export { readBilling as readMoney } from './rpc/subscription.ts'
