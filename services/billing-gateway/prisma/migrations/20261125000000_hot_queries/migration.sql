ALTER TABLE `stripe_event`
  DROP INDEX `stripe_event_account_event_id_key`,
  DROP INDEX `stripe_event_event_id_idx`,
  DROP INDEX `stripe_event_processed_at_seq_idx`,
  ADD UNIQUE INDEX `stripe_event_event_id_account_key`(`event_id`, `account`),
  ADD INDEX `stripe_event_processed_at_next_attempt_at_outcome_idx`(`processed_at`, `next_attempt_at`, `outcome`);

ALTER TABLE `dead_letter`
  DROP INDEX `dead_letter_resolved_at_idx`,
  ADD INDEX `dead_letter_resolved_at_created_at_idx`(`resolved_at`, `created_at`);
