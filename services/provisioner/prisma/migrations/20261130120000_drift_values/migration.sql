-- What a drift is recognized by, whatever its sentence says.
ALTER TABLE `drift` ADD COLUMN `shown` VARCHAR(1000) NULL;
