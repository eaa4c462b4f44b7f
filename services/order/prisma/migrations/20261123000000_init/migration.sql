CREATE TABLE `orders` (
  `id` VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `seq` BIGINT NOT NULL AUTO_INCREMENT,
  `status` VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `ptero_server_id` INTEGER NULL,
  `ptero_identifier` VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `error_message` VARCHAR(1000) NULL,
  `created_at` DATETIME(3) NOT NULL,
  `updated_at` DATETIME(3) NOT NULL,
  `billing_status` VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `paid_until` DATETIME(3) NULL,
  `desired` VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `version` INTEGER NOT NULL,
  `plan` VARCHAR(191) NOT NULL,
  `region` VARCHAR(191) NOT NULL,
  `customer_id` VARCHAR(191) NULL,
  `customer_email` VARCHAR(320) NOT NULL,
  `customer_name` VARCHAR(320) NOT NULL,
  `server_name` VARCHAR(191) NOT NULL,
  `environment` TEXT NOT NULL,
  `amount` BIGINT NOT NULL,
  `currency` CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `payment_id` VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `payment_version` INTEGER NOT NULL,
  `server_version` INTEGER NOT NULL,
  `address` VARCHAR(191) NULL,
  `request_hash` VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `checkout_url` TEXT NULL,
  `checkout_expires_at` DATETIME(3) NULL,
  UNIQUE INDEX `orders_seq_key`(`seq`),
  INDEX `orders_status_seq_idx`(`status`, `seq`),
  INDEX `orders_created_at_idx`(`created_at`),
  PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE `order_history` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `order_id` VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `at` DATETIME(3) NOT NULL,
  `cause` VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `status` VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `billing_status` VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `note` VARCHAR(1000) NULL,
  INDEX `order_history_order_id_id_idx`(`order_id`, `id`),
  PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE `plans` (
  `id` VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `name` VARCHAR(191) NOT NULL,
  `amount` BIGINT NOT NULL,
  `currency` CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `interval` VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `limits` TEXT NOT NULL,
  PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE `regions` (
  `id` VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `name` VARCHAR(191) NOT NULL,
  PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE `outbox` (
  `seq` BIGINT NOT NULL AUTO_INCREMENT,
  `event_id` VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `key` VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `subject` VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `envelope` MEDIUMTEXT NOT NULL,
  `traceparent` VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `created_at` DATETIME(3) NOT NULL,
  `published_at` DATETIME(3) NULL,
  `attempts` INTEGER NOT NULL DEFAULT 0,
  `next_attempt_at` DATETIME(3) NOT NULL,
  `stream_seq` BIGINT NULL,
  `stream_epoch` VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `last_error` VARCHAR(1000) NULL,
  UNIQUE INDEX `outbox_event_id_key`(`event_id`),
  INDEX `outbox_published_at_seq_idx`(`published_at`, `seq`),
  INDEX `outbox_stream_seq_idx`(`stream_seq`),
  PRIMARY KEY (`seq`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE `inbox` (
  `event_id` VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `consumer` VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `batch_id` VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `type` VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `received_at` DATETIME(3) NOT NULL,
  `attempts` INTEGER NOT NULL DEFAULT 0,
  `outcome` VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `reason` VARCHAR(1000) NULL,
  INDEX `inbox_received_at_idx`(`received_at`),
  PRIMARY KEY (`event_id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE `dead_letter` (
  `event_id` VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `consumer` VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `class` VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `first_error` VARCHAR(1000) NOT NULL,
  `last_error` VARCHAR(1000) NOT NULL,
  `subject` VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `envelope` MEDIUMTEXT NOT NULL,
  `created_at` DATETIME(3) NOT NULL,
  `resolved_at` DATETIME(3) NULL,
  INDEX `dead_letter_resolved_at_idx`(`resolved_at`),
  PRIMARY KEY (`event_id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE `parked_event` (
  `event_id` VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `waiting_for` VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `envelope` MEDIUMTEXT NOT NULL,
  `parked_at` DATETIME(3) NOT NULL,
  INDEX `parked_event_waiting_for_idx`(`waiting_for`),
  PRIMARY KEY (`event_id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE `lease` (
  `name` VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `owner` VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `expires_at` DATETIME(3) NOT NULL,
  PRIMARY KEY (`name`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
