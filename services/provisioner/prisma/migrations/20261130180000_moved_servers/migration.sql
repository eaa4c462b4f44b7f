-- The region of the node to which a server was moved on the panel; empty where that node is in none or in several.
ALTER TABLE `server` ADD COLUMN `moved_region` VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NULL;
