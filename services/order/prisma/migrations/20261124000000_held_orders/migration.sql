ALTER TABLE `orders`
  MODIFY COLUMN `address` VARCHAR(300) NULL,
  ADD COLUMN `charge` TEXT NULL,
  ADD COLUMN `checkout_session_id` VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NULL;
