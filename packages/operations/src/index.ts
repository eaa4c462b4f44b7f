export { addAuditRoutes } from './audit/audit-routes.ts'
export { auditOf } from './audit/operation-audit.ts'
export { eraseTables, keysOf } from './customers/common-records.ts'
export { addCustomerRoutes, type CustomerRecords } from './customers/customer-routes.ts'
export {
  type EraseField,
  eraseFromJson,
  eraseFromText,
  eraseOwnField,
  forgottenName,
  type Persons,
} from './customers/erase-personal.ts'
export { erasePage, isAmong, type PersonalRows } from './customers/erase-rows.ts'
export { type Blocker, type Subject, subjectSchema } from './customers/subject.ts'
export { addDeadLetterRoutes } from './dead-letters/dead-letter-routes.ts'
export { describeRecovered, type Recovered, recover } from './recovery/recover.ts'
export type { ShowOrder } from './replay/replay-preview.ts'
export { addReplayRoutes } from './replay/replay-routes.ts'
export { operationScopes } from './route-scopes.ts'
