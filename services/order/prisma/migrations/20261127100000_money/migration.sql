ALTER TABLE `orders`
  ADD COLUMN `subscription_id` VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NULL,
  ADD COLUMN `money` MEDIUMTEXT NULL,
  ADD COLUMN `wanted` VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL,
  ADD COLUMN `suspended_at` DATETIME(3) NULL,
  ADD COLUMN `next_plan` VARCHAR(191) NULL,
  ADD COLUMN `next_plan_at` DATETIME(3) NULL,
  ADD COLUMN `warning` TEXT NULL,
  ADD COLUMN `refund_request` TEXT NULL,
  ADD COLUMN `delivery` TEXT NULL,
  ADD COLUMN `money_due_at` DATETIME(3) NULL,
  ADD INDEX `orders_subscription_id_idx`(`subscription_id`),
  ADD INDEX `orders_money_due_at_idx`(`money_due_at`),
  ADD INDEX `orders_billing_status_seq_idx`(`billing_status`, `seq`);

ALTER TABLE `plans`
  ADD COLUMN `policy` TEXT NULL;

-- Until now a seller alone said what is wanted of a server. What is known of the money is read out of payment and charge.
UPDATE `orders` SET `wanted` = `desired` WHERE `desired` <> 'none';
UPDATE `orders` SET `delivery` = '{"delivered":true,"released":false,"tried_regions":[],"moving_to":null}'
  WHERE EXISTS (SELECT 1 FROM `order_history` WHERE `order_history`.`order_id` = `orders`.`id` AND `order_history`.`status` = 'provisioned');
