ALTER TABLE `orders`
  ADD INDEX `orders_customer_email_idx`(`customer_email`),
  ADD INDEX `orders_customer_id_idx`(`customer_id`);

-- Whoever counts the open orders of a customer does so under the customer's row, one of 256.
CREATE TABLE `customer_lock` (
  `slot` SMALLINT NOT NULL,
  PRIMARY KEY (`slot`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
