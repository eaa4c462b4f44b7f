ALTER TABLE `outbox`
  DROP INDEX `outbox_stream_seq_idx`,
  ADD INDEX `outbox_stream_epoch_stream_seq_idx`(`stream_epoch`, `stream_seq`);

ALTER TABLE `inbox`
  ADD COLUMN `failures` INTEGER NOT NULL DEFAULT 0;

ALTER TABLE `dead_letter`
  ADD COLUMN `attempts` INTEGER NOT NULL DEFAULT 1,
  ADD COLUMN `note` VARCHAR(1000) NULL,
  ADD COLUMN `resolved_by` VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NULL,
  ADD INDEX `dead_letter_created_at_event_id_idx`(`created_at`, `event_id`);
