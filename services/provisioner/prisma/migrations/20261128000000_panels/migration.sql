-- What stands here belongs to the panel `main`, and so does whatever a replica of before still writes: it leaves the panel out.
CREATE TABLE `panel` (
  `id` VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `kind` VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `url` VARCHAR(1000) NOT NULL,
  `created_at` DATETIME(3) NOT NULL,
  `updated_at` DATETIME(3) NOT NULL,
  PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE `region` (
  `region` VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `panel_id` VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  INDEX `region_panel_id_idx`(`panel_id`),
  PRIMARY KEY (`region`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

INSERT INTO `region` (`region`, `panel_id`) SELECT DISTINCT `region`, 'main' FROM `region_node_map`;

ALTER TABLE `server`
  ADD COLUMN `panel_id` VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'main',
  DROP INDEX `server_next_attempt_at_idx`,
  ADD INDEX `server_panel_id_next_attempt_at_idx`(`panel_id`, `next_attempt_at`);

-- The panel comes last in each key: statements that leave it out still find their rows by the key.
ALTER TABLE `allocation_claim`
  ADD COLUMN `panel_id` VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'main',
  DROP PRIMARY KEY,
  ADD PRIMARY KEY (`allocation_id`, `panel_id`),
  DROP INDEX `allocation_claim_node_id_idx`,
  ADD INDEX `allocation_claim_node_id_panel_id_idx`(`node_id`, `panel_id`);

ALTER TABLE `node_capacity`
  ADD COLUMN `panel_id` VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'main',
  DROP PRIMARY KEY,
  ADD PRIMARY KEY (`node_id`, `panel_id`);

ALTER TABLE `plan_spec`
  ADD COLUMN `panel_id` VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'main',
  DROP PRIMARY KEY,
  ADD PRIMARY KEY (`plan`, `panel_id`);

ALTER TABLE `panel_user`
  ADD COLUMN `panel_id` VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'main',
  DROP PRIMARY KEY,
  ADD PRIMARY KEY (`customer_key`, `panel_id`);

ALTER TABLE `drift`
  ADD COLUMN `panel_id` VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'main';
