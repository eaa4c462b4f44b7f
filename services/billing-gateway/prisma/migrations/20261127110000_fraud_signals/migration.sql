CREATE TABLE `fraud_signal` (
  `id` VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `payment_intent_id` VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `charge_id` VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NULL,
  `status` VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `sentence` VARCHAR(200) NOT NULL,
  INDEX `fraud_signal_payment_intent_id_idx`(`payment_intent_id`),
  INDEX `fraud_signal_charge_id_idx`(`charge_id`),
  PRIMARY KEY (`id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
