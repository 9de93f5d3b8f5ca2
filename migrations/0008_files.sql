CREATE TABLE `file` (
	`number` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`app` integer NOT NULL,
	`uploader` integer,
	`state` text NOT NULL,
	`nonce` text NOT NULL,
	`name` text NOT NULL,
	`mime` text DEFAULT '' NOT NULL,
	`bytes` integer DEFAULT 0 NOT NULL,
	`width` integer,
	`height` integer,
	`batch` text,
	`created_at` integer NOT NULL,
	`due_at` integer,
	`claim` text,
	`attempts` integer DEFAULT 0 NOT NULL,
	`conversation` integer,
	`message` integer,
	`upload_id` text
);
--> statement-breakpoint
CREATE INDEX `file_unbound` ON `file` (`app`,`uploader`) WHERE message is null;--> statement-breakpoint
CREATE INDEX `file_message` ON `file` (`message`) WHERE message is not null;--> statement-breakpoint
CREATE INDEX `file_due` ON `file` (`due_at`) WHERE due_at is not null;