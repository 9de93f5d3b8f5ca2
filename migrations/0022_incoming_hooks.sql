CREATE TABLE `incoming_hook` (
	`number` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`app` integer NOT NULL,
	`shape` text NOT NULL,
	`name` text,
	`token` text NOT NULL,
	`secret` text,
	`target` text NOT NULL,
	`options` text DEFAULT '{}' NOT NULL,
	`state` text DEFAULT 'active' NOT NULL,
	`arrived` integer DEFAULT 0 NOT NULL,
	`refused` integer DEFAULT 0 NOT NULL,
	`last_arrived_at` integer,
	`last_refused_at` integer,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`deleted_at` integer
);
--> statement-breakpoint
CREATE INDEX `incoming_hook_app` ON `incoming_hook` (`app`) WHERE deleted_at is null;