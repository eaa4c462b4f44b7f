ALTER TABLE `plan_spec`
  ADD COLUMN `may_set` TEXT NULL;

ALTER TABLE `panel_user`
  ADD COLUMN `email` VARCHAR(320) NULL,
  ADD INDEX `panel_user_panel_id_ptero_user_id_idx`(`panel_id`, `ptero_user_id`);

CREATE TABLE `generated_value` (
  `order_id` VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `variable` VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `value` VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (`order_id`, `variable`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
