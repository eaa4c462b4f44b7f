CREATE TABLE `server` (
  `order_id` VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `desired` VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `order_version` INTEGER NOT NULL,
  `order_state` TEXT NOT NULL,
  `status` VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `version` INTEGER NOT NULL DEFAULT 0,
  `generation` INTEGER NOT NULL DEFAULT 0,
  `attempts` INTEGER NOT NULL DEFAULT 0,
  `next_attempt_at` DATETIME(3) NULL,
  `lease_token` VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `lease_until` DATETIME(3) NULL,
  `unknown_until` DATETIME(3) NULL,
  `create_started_at` DATETIME(3) NULL,
  `installing_since` DATETIME(3) NULL,
  `ptero_server_id` INTEGER NULL,
  `ptero_identifier` VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `ptero_uuid` VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `ptero_user_id` INTEGER NULL,
  `address` VARCHAR(300) NULL,
  `node_id` INTEGER NULL,
  `allocation_id` INTEGER NULL,
  `error_class` VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `error_message` VARCHAR(1000) NULL,
  `created_at` DATETIME(3) NOT NULL,
  `updated_at` DATETIME(3) NOT NULL,
  INDEX `server_next_attempt_at_idx`(`next_attempt_at`),
  INDEX `server_lease_token_idx`(`lease_token`),
  PRIMARY KEY (`order_id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE `allocation_claim` (
  `allocation_id` INTEGER NOT NULL,
  `node_id` INTEGER NOT NULL,
  `order_id` VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `memory` INTEGER NOT NULL,
  `disk` INTEGER NOT NULL,
  `created_at` DATETIME(3) NOT NULL,
  `on_panel_at` DATETIME(3) NULL,
  UNIQUE INDEX `allocation_claim_order_id_key`(`order_id`),
  INDEX `allocation_claim_node_id_idx`(`node_id`),
  PRIMARY KEY (`allocation_id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE `node_capacity` (
  `node_id` INTEGER NOT NULL,
  PRIMARY KEY (`node_id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE `plan_spec` (
  `plan` VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `ptero_egg_id` INTEGER NOT NULL,
  `limits` TEXT NOT NULL,
  `feature_limits` TEXT NOT NULL,
  `environment` TEXT NOT NULL,
  `docker_image` VARCHAR(191) NULL,
  `startup` TEXT NULL,
  PRIMARY KEY (`plan`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE `region_node_map` (
  `region` VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `node_id` INTEGER NOT NULL,
  `weight` INTEGER NOT NULL DEFAULT 1,
  `enabled` BOOLEAN NOT NULL DEFAULT true,
  PRIMARY KEY (`region`, `node_id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE `secrets` (
  `name` VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `ciphertext` TEXT NOT NULL,
  `key_id` VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `updated_at` DATETIME(3) NOT NULL,
  PRIMARY KEY (`name`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE `panel_user` (
  `customer_key` VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `ptero_user_id` INTEGER NOT NULL,
  PRIMARY KEY (`customer_key`)
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
