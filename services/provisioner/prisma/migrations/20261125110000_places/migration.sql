ALTER TABLE `allocation_claim`
  ADD COLUMN `position` INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN `port` INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN `cpu` INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN `reserved_until` DATETIME(3) NULL,
  ADD COLUMN `order_version` INTEGER NOT NULL DEFAULT 0,
  DROP INDEX `allocation_claim_order_id_key`,
  ADD UNIQUE INDEX `allocation_claim_order_id_position_key`(`order_id`, `position`),
  ADD INDEX `allocation_claim_reserved_until_idx`(`reserved_until`);

ALTER TABLE `plan_spec` ADD COLUMN `ports` TEXT NULL;

ALTER TABLE `region_node_map` ADD COLUMN `cpu` INTEGER NULL;

CREATE TABLE `waiting` (
  `seq` BIGINT NOT NULL AUTO_INCREMENT,
  `order_id` VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `region` VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `since` DATETIME(3) NOT NULL,
  UNIQUE INDEX `waiting_order_id_key`(`order_id`),
  INDEX `waiting_region_seq_idx`(`region`, `seq`),
  PRIMARY KEY (`seq`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
