-- What a panel last showed of its nodes, free ports and eggs: sales are decided with it, and it outlives a restart.
CREATE TABLE `panel_view` (
  `panel_id` VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `part` VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `shown_at` DATETIME(3) NOT NULL,
  `url` VARCHAR(1000) NOT NULL,
  `body` MEDIUMTEXT NOT NULL,
  `claimed_until` DATETIME(3) NULL,
  PRIMARY KEY (`panel_id`, `part`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- A restored panel gives its numbers out again, but no uuid. Empty: an operator has said who it is.
ALTER TABLE `panel_user` ADD COLUMN `uuid` VARCHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL;
