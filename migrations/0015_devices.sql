CREATE TABLE `device` (
	`number` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`app` integer NOT NULL,
	`user` integer NOT NULL,
	`platform` text NOT NULL,
	`client_id` text NOT NULL,
	`name` text,
	`app_version` text,
	`info` text NOT NULL,
	`push_token` text,
	`created_at` integer NOT NULL,
	`last_seen_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `device_client` ON `device` (`user`,`platform`,`client_id`);