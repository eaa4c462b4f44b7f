CREATE TABLE `drift` (
  `id` VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `version` INTEGER NOT NULL,
  `kind` VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `state` VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `order_id` VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `ptero_server_id` INTEGER NULL,
  `ptero_uuid` VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `fields` VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `finding` VARCHAR(1000) NOT NULL,
  `found_at` DATETIME(3) NOT NULL,
  `seen_at` DATETIME(3) NOT NULL,
  `over_at` DATETIME(3) NULL,
  `decided_by` VARCHAR(64) NULL,
  INDEX `drift_state_id_idx`(`state`, `id`),
  PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
