# Run once by the MySQL image, on an empty data folder: a schema and a user for each service, each shut out of the others'.
create() {
  docker_process_sql <<SQL
    CREATE DATABASE \`$1\` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
    CREATE USER 'spawnpoint_$1'@'%' IDENTIFIED BY '$2';
    GRANT ALL ON \`$1\`.* TO 'spawnpoint_$1'@'%';
SQL
}

create billing "$BILLING_DB_PASSWORD"
create orders "$ORDERS_DB_PASSWORD"
create provisioner "$PROVISIONER_DB_PASSWORD"
