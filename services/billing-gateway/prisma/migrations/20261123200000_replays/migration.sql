CREATE TABLE `replay` (
  `id` VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `request` TEXT NOT NULL,
  `state` VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `owner` VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `alive_until` DATETIME(3) NOT NULL,
  `next_seq` BIGINT NOT NULL,
  `end_seq` BIGINT NOT NULL,
  `epoch` VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `total` INTEGER NOT NULL,
  `done` INTEGER NOT NULL,
  `counts` TEXT NOT NULL,
  `error` VARCHAR(1000) NULL,
  `created_at` DATETIME(3) NOT NULL,
  `updated_at` DATETIME(3) NOT NULL,
  INDEX `replay_created_at_idx`(`created_at`),
  PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE `replay_finding` (
  `replay_id` VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `seq` BIGINT NOT NULL,
  `event_id` VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `type` VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `order_id` VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `outcome` VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `reason` VARCHAR(1000) NULL,
  `effect` TEXT NULL,
  PRIMARY KEY (`replay_id`, `seq`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
