CREATE TABLE `stripe_event` (
  `seq` BIGINT NOT NULL AUTO_INCREMENT,
  `account` VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  `event_id` VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `type` VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `api_version` VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `livemode` BOOLEAN NOT NULL,
  `created` DATETIME(3) NOT NULL,
  `body` MEDIUMBLOB NOT NULL,
  `received_at` DATETIME(3) NOT NULL,
  `source` VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `deliveries` INTEGER NOT NULL DEFAULT 1,
  `processed_at` DATETIME(3) NULL,
  `attempts` INTEGER NOT NULL DEFAULT 0,
  `next_attempt_at` DATETIME(3) NOT NULL,
  `outcome` VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `reason` VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `error` VARCHAR(1000) NULL,
  UNIQUE INDEX `stripe_event_account_event_id_key`(`account`, `event_id`),
  INDEX `stripe_event_event_id_idx`(`event_id`),
  INDEX `stripe_event_processed_at_seq_idx`(`processed_at`, `seq`),
  PRIMARY KEY (`seq`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE `payment` (
  `id` VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `version` INTEGER NOT NULL,
  `status` VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `order_id` VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `state` TEXT NOT NULL,
  `created_at` DATETIME(3) NOT NULL,
  `updated_at` DATETIME(3) NOT NULL,
  INDEX `payment_order_id_idx`(`order_id`),
  PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE `checkout` (
  `order_id` VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `attempt` INTEGER NOT NULL DEFAULT 1,
  `request_hash` VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `session_id` VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `url` TEXT NULL,
  `expires_at` DATETIME(3) NULL,
  `created_at` DATETIME(3) NOT NULL,
  UNIQUE INDEX `checkout_session_id_key`(`session_id`),
  PRIMARY KEY (`order_id`)
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
