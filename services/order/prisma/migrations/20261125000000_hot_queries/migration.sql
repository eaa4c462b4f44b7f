ALTER TABLE `dead_letter`
  DROP INDEX `dead_letter_resolved_at_idx`,
  ADD INDEX `dead_letter_resolved_at_created_at_idx`(`resolved_at`, `created_at`);
