ALTER TABLE `stripe_event`
  ADD COLUMN `waiting_for` VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NULL,
  ADD INDEX `stripe_event_waiting_for_idx`(`waiting_for`);

ALTER TABLE `payment`
  ADD COLUMN `payment_intent_id` VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NULL,
  ADD COLUMN `charge_id` VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NULL,
  ADD COLUMN `invoice_id` VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NULL,
  ADD COLUMN `session_id` VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NULL,
  ADD COLUMN `subscription_id` VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NULL,
  ADD INDEX `payment_payment_intent_id_idx`(`payment_intent_id`),
  ADD INDEX `payment_charge_id_idx`(`charge_id`),
  ADD INDEX `payment_invoice_id_idx`(`invoice_id`),
  ADD INDEX `payment_session_id_idx`(`session_id`),
  ADD INDEX `payment_subscription_id_idx`(`subscription_id`);

UPDATE `payment` SET `session_id` = `id` WHERE `id` LIKE 'cs\_%';

CREATE TABLE `subscription` (
  `id` VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `version` INTEGER NOT NULL,
  `status` VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `order_id` VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `as_of` DATETIME(3) NOT NULL,
  `state` TEXT NOT NULL,
  `created_at` DATETIME(3) NOT NULL,
  `updated_at` DATETIME(3) NOT NULL,
  INDEX `subscription_order_id_idx`(`order_id`),
  PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE `refund` (
  `id` VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `payment_intent_id` VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `charge_id` VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `status` VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `amount` BIGINT NOT NULL,
  `currency` CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `refund_request_id` VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `as_of` DATETIME(3) NOT NULL,
  INDEX `refund_payment_intent_id_idx`(`payment_intent_id`),
  INDEX `refund_charge_id_idx`(`charge_id`),
  PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE `dispute` (
  `id` VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `payment_intent_id` VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `charge_id` VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `status` VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `amount` BIGINT NOT NULL,
  `currency` CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `as_of` DATETIME(3) NOT NULL,
  INDEX `dispute_payment_intent_id_idx`(`payment_intent_id`),
  INDEX `dispute_charge_id_idx`(`charge_id`),
  PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE `refund_request` (
  `id` VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `order_id` VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `payment_id` VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `amount` BIGINT NOT NULL,
  `currency` CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `reason` VARCHAR(500) NOT NULL,
  `status` VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `refund_id` VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `decided_by` VARCHAR(64) NULL,
  `attempts` INTEGER NOT NULL DEFAULT 0,
  `next_attempt_at` DATETIME(3) NULL,
  `error` VARCHAR(1000) NULL,
  `created_at` DATETIME(3) NOT NULL,
  `updated_at` DATETIME(3) NOT NULL,
  `sent_at` DATETIME(3) NULL,
  INDEX `refund_request_next_attempt_at_idx`(`next_attempt_at`),
  INDEX `refund_request_status_created_at_idx`(`status`, `created_at`),
  INDEX `refund_request_sent_at_idx`(`sent_at`),
  PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE `sweep` (
  `name` VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `watermark` DATETIME(3) NOT NULL,
  `started_at` DATETIME(3) NULL,
  `finished_at` DATETIME(3) NULL,
  `report` TEXT NULL,
  `error` VARCHAR(1000) NULL,
  PRIMARY KEY (`name`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
