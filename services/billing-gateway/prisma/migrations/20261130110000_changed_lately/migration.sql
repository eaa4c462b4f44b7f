ALTER TABLE `subscription` ADD INDEX `subscription_updated_at_idx`(`updated_at`);
