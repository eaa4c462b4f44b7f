CREATE TABLE `difference` (
  `id` VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `version` INTEGER NOT NULL,
  `kind` VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `state` VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `order_id` VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `payment_id` VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `finding` VARCHAR(1000) NOT NULL,
  `repair` VARCHAR(500) NOT NULL,
  `confirmation` VARCHAR(500) NULL,
  `found_at` DATETIME(3) NOT NULL,
  `seen_at` DATETIME(3) NOT NULL,
  `over_at` DATETIME(3) NULL,
  `decided_by` VARCHAR(64) NULL,
  INDEX `difference_state_id_idx`(`state`, `id`),
  PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
