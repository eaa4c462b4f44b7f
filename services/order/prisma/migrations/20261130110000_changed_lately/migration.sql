ALTER TABLE `orders` ADD INDEX `orders_updated_at_idx`(`updated_at`);
