CREATE TABLE `visitor_grant` (
	`session` text NOT NULL,
	`user` integer NOT NULL,
	`proved` integer NOT NULL,
	`token_version` integer NOT NULL,
	`expires_at` integer NOT NULL,
	PRIMARY KEY(`session`, `user`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `visitor_grant_expires` ON `visitor_grant` (`expires_at`);