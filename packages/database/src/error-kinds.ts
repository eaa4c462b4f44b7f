/** What an error means for the work that met it. `duplicate` and `race`: the same work can be done again at once. */
export type ErrorKind =
  | 'duplicate'
  | 'race'
  /** This statement took too long or was killed; another may not. */
  | 'interrupted'
  /** No connection, or the server is stopping, starting or joining its cluster. */
  | 'away'
  /** No more connections, threads or memory. */
  | 'exhausted'
  /** It answers and takes no writes. */
  | 'read_only'
  /** No space left for what is written. */
  | 'full'
  /** The user, the host or its rights. */
  | 'refused'

/**
 * By the server's number. Sources: dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html and
 * …/global-error-reference.html, mariadb.com/kb/en/mariadb-error-code-reference, and for 45001 and above the errors of
 * mariadb-connector-nodejs (lib/misc/errors.js).
 */
export const errorKinds: Record<ErrorKind, readonly number[]> = {
  duplicate: [1062],
  // ER_CHECKREAD (MariaDB: changed since last read), ER_LOCK_WAIT_TIMEOUT, ER_LOCK_DEADLOCK, ER_TRANSACTION_ROLLBACK_DURING_COMMIT
  // (group replication: another member was faster).
  race: [1020, 1205, 1213, 3101],
  // ER_QUERY_INTERRUPTED, MariaDB's ER_STATEMENT_TIMEOUT, ER_QUERY_TIMEOUT.
  interrupted: [1317, 1969, 3024],
  away: [
    // ER_SERVER_SHUTDOWN, ER_CONNECTION_KILLED, CR_SERVER_GONE_ERROR, CR_SERVER_LOST.
    ...[1053, 1927, 2006, 2013],
    // ER_HANDSHAKE_ERROR, ER_UNKNOWN_COM_ERROR (Galera: the node is not ready), ER_ABORTING_CONNECTION, ER_NEW_ABORTING_CONNECTION.
    ...[1043, 1047, 1152, 1184],
    // ER_NET_READ_ERROR, ER_NET_READ_INTERRUPTED, ER_NET_ERROR_ON_WRITE, ER_NET_WRITE_INTERRUPTED.
    ...[1158, 1159, 1160, 1161],
    // ER_SERVER_OFFLINE_MODE, ER_RUN_HOOK_ERROR (group replication has no quorum), ER_SERVER_ISNT_AVAILABLE, ER_SESSION_WAS_KILLED,
    // ER_CLIENT_INTERACTION_TIMEOUT.
    ...[3032, 3100, 3168, 3169, 4031],
    // The driver's own: connections that are closed, broken or late, and a pool that is full or closed.
    ...[45001, 45004, 45009, 45012, 45013, 45019, 45026, 45027, 45028, 45035, 45037, 45061],
  ],
  // ER_OUTOFMEMORY, ER_OUT_OF_SORTMEMORY, ER_CON_COUNT_ERROR, ER_OUT_OF_RESOURCES, ER_CANT_CREATE_THREAD, ER_TOO_MANY_USER_CONNECTIONS,
  // ER_LOCK_TABLE_FULL, ER_USER_LIMIT_REACHED, ER_TOO_MANY_CONCURRENT_TRXS.
  exhausted: [1037, 1038, 1040, 1041, 1135, 1203, 1206, 1226, 1637],
  // ER_OPTION_PREVENTS_STATEMENT (--read-only, --super-read-only), ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION, ER_READ_ONLY_MODE
  // (innodb_read_only), ER_OPEN_AS_READONLY.
  read_only: [1036, 1290, 1792, 1836],
  // EE_WRITE and EE_DISK_FULL of the file system, ER_DISK_FULL, ER_ERROR_ON_WRITE, ER_GET_ERRNO (the storage engine's, such as 28:
  // no space left), ER_RECORD_FILE_FULL, ER_ERROR_DURING_COMMIT, ER_INNODB_UNDO_LOG_FULL.
  full: [3, 20, 1021, 1026, 1030, 1114, 1180, 3019],
  // ER_DBACCESS_DENIED_ERROR, ER_ACCESS_DENIED_ERROR, ER_HOST_IS_BLOCKED, ER_HOST_NOT_PRIVILEGED, ER_TABLEACCESS_DENIED_ERROR,
  // ER_SPECIFIC_ACCESS_DENIED_ERROR, ER_ACCESS_DENIED_NO_PASSWORD_ERROR, ER_MUST_CHANGE_PASSWORD, ER_MUST_CHANGE_PASSWORD_LOGIN,
  // ER_ACCOUNT_HAS_BEEN_LOCKED.
  refused: [1044, 1045, 1129, 1130, 1142, 1227, 1698, 1820, 1862, 3118],
}
