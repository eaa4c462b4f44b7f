ALTER TABLE `orders`
  ADD COLUMN `server_status` VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL,
  ADD COLUMN `server_error` VARCHAR(1000) NULL,
  ADD COLUMN `alarmed_at` DATETIME(3) NULL;

UPDATE `orders` SET `server_status` = `status` WHERE `status` IN ('provisioning', 'provisioned');
UPDATE `orders` SET `server_status` = 'failed', `server_error` = `error_message` WHERE `status` = 'error' AND `desired` = 'running';
UPDATE `orders` SET `server_status` = 'waiting', `server_error` = `error_message` WHERE `status` = 'paid' AND `server_version` > 0;
