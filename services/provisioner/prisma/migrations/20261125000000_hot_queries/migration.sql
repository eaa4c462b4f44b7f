ALTER TABLE `server`
  ADD INDEX `server_status_error_class_desired_idx`(`status`, `error_class`, `desired`);

ALTER TABLE `dead_letter`
  DROP INDEX `dead_letter_resolved_at_idx`,
  ADD INDEX `dead_letter_resolved_at_created_at_idx`(`resolved_at`, `created_at`);
