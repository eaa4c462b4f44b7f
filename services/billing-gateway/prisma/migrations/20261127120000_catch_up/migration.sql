ALTER TABLE `payment` ADD INDEX `payment_status_updated_at_idx`(`status`, `updated_at`);
