CREATE TABLE `audit` (
  `seq` BIGINT NOT NULL AUTO_INCREMENT,
  `at` DATETIME(3) NOT NULL,
  `api_key` VARCHAR(64) NOT NULL,
  `address` VARCHAR(64) NULL,
  `method` VARCHAR(8) NOT NULL,
  `route` VARCHAR(191) NOT NULL,
  `path` VARCHAR(500) NOT NULL,
  `status` SMALLINT NOT NULL,
  `code` VARCHAR(64) NULL,
  `request_id` VARCHAR(64) NOT NULL,
  `subject` VARCHAR(191) NULL,
  `state_before` MEDIUMTEXT NULL,
  `state_after` MEDIUMTEXT NULL,
  PRIMARY KEY (`seq`),
  INDEX `audit_at_seq_idx` (`at`, `seq`),
  INDEX `audit_api_key_at_seq_idx` (`api_key`, `at`, `seq`),
  INDEX `audit_subject_at_seq_idx` (`subject`, `at`, `seq`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
