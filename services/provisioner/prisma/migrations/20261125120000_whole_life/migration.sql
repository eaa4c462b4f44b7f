ALTER TABLE `server`
  ADD COLUMN `intent` VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL,
  RENAME COLUMN `create_started_at` TO `intent_at`,
  ADD COLUMN `built_state` MEDIUMTEXT NULL,
  ADD COLUMN `installed_at` DATETIME(3) NULL,
  ADD COLUMN `reinstalls` INTEGER NOT NULL DEFAULT 0,
  ADD COLUMN `suspend_sent_at` DATETIME(3) NULL,
  ADD COLUMN `delete_sent_at` DATETIME(3) NULL;

UPDATE `server` SET `built_state` = `order_state` WHERE `ptero_server_id` IS NOT NULL AND `order_version` > 0;

-- What failed may have run before: it is not installed anew by itself.
UPDATE `server` SET `installed_at` = `updated_at` WHERE `status` IN ('provisioned', 'failed') AND `ptero_server_id` IS NOT NULL;
