CREATE TABLE `stream_progress` (
  `stream` VARCHAR(16) NOT NULL,
  `epoch` VARCHAR(64) NOT NULL,
  `acked_seq` BIGINT NOT NULL,
  PRIMARY KEY (`stream`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
