-- An invoice may be paid by several PaymentIntents: those beside the one in `payment`.
CREATE TABLE `payment_charge` (
  `id` VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `payment_id` VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (`id`, `payment_id`)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
