CREATE INDEX `server_ptero_server_id_idx` ON `server` (`ptero_server_id`);
