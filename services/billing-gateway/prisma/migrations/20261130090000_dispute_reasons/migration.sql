-- Why it was disputed, and since when: a returned direct debit is a payment that failed.
ALTER TABLE `dispute`
  ADD COLUMN `reason` VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NULL,
  ADD COLUMN `opened_at` DATETIME(3) NULL;
