ALTER TABLE `plan_spec` ADD COLUMN `egg_change` VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL;

-- The egg for which a server is to be reinstalled, and what the panel showed as its time of change when it was asked to.
ALTER TABLE `server`
  ADD COLUMN `reinstall_egg` INT NULL,
  ADD COLUMN `reinstall_sent_of` VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NULL;
