ALTER TABLE `orders` ADD COLUMN `placed_by` VARCHAR(63) NULL;

-- The first entry of an order that came through the API was caused by `<key>/<idempotency key>`.
UPDATE `orders` SET `placed_by` = (
  SELECT SUBSTRING_INDEX(`cause`, '/', 1) FROM `order_history`
  WHERE `order_history`.`order_id` = `orders`.`id` ORDER BY `order_history`.`id` LIMIT 1
) WHERE `request_hash` IS NOT NULL;

CREATE INDEX `orders_placed_by_seq_idx` ON `orders`(`placed_by`, `seq`);
