export { callService } from './call-service.ts'
export { createDatabases, type Schema, schemas } from './databases.ts'
export { eventually } from './eventually.ts'
export { armFailpoint, failpointSettings } from './failpoints.ts'
export { type TestDatabase, testDatabase, testMysqlUrl, testNats } from './fixtures.ts'
export { freePort } from './free-port.ts'
export { describeExit, type Exit, type Launched, launch } from './launch.ts'
export { done, log } from './messaging/effects.ts'
export { addWork, fillTables } from './messaging/full-tables.ts'
export { type InboxRow, type Listener, openListener } from './messaging/listener.ts'
export { orderEvent, paymentData, paymentEvent, paymentEvents } from './messaging/payments.ts'
export { openClient, type TablesClient } from './messaging/tables-client.ts'
export { migrateAll, migrationsOf } from './migrate-all.ts'
export { multiplyRow } from './multiply-row.ts'
export { findMysqlBinary, type Mysql, openMysql } from './mysql.ts'
export { findNatsBinary, type Nats, openNats } from './nats.ts'
export { type NatsCluster, startNatsCluster } from './nats-cluster.ts'
export { natsPasswords, natsUserUrls } from './nats-users.ts'
export { numbersBelow } from './numbers-below.ts'
export { type Owned, owning } from './owning.ts'
export { type PrivateMysql, startPrivateMysql } from './private-mysql.ts'
export { type PrivateNats, startPrivateNats } from './private-nats.ts'
export { openQueryPlans, type QueryPlans } from './query-plans.ts'
export {
  type ServiceName,
  type ServiceOptions,
  type ServiceProcess,
  serviceNames,
  startService,
} from './service-process.ts'
export { inSoak } from './soak.ts'
export { type Stack, type StackOptions, startStack } from './start-stack.ts'
export { testCertificates } from './test-certificates.ts'
export { testDirectory } from './test-directory.ts'
