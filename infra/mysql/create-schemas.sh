# Run once by the MySQL image, on an empty data folder: a schema and a user for each service, each shut out of the others', and one who
# makes and changes their tables.
docker_process_sql <<SQL
  CREATE USER 'spawnpoint_migrate'@'%' IDENTIFIED BY '$MIGRATION_DB_PASSWORD';
SQL

create() {
  docker_process_sql <<SQL
    CREATE DATABASE \`$1\` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
    CREATE USER 'spawnpoint_$1'@'%' IDENTIFIED BY '$2';
    GRANT SELECT, INSERT, UPDATE, DELETE ON \`$1\`.* TO 'spawnpoint_$1'@'%';
    GRANT ALL ON \`$1\`.* TO 'spawnpoint_migrate'@'%';
SQL
}

create billing "$BILLING_DB_PASSWORD"
create orders "$ORDERS_DB_PASSWORD"
create provisioner "$PROVISIONER_DB_PASSWORD"
