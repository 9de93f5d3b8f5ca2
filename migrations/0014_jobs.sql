CREATE TABLE `brought_token` (
	`hash` text PRIMARY KEY NOT NULL,
	`app` integer NOT NULL,
	`user` integer NOT NULL,
	`token_version` integer NOT NULL
) WITHOUT ROWID;
--> statement-breakpoint
CREATE TABLE `job` (
	`number` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`app` integer NOT NULL,
	`door` text NOT NULL,
	`kind` text NOT NULL,
	`subject` text NOT NULL,
	`state` text NOT NULL,
	`name` text NOT NULL,
	`file` text,
	`bytes` integer DEFAULT 0 NOT NULL,
	`rows` integer DEFAULT 0 NOT NULL,
	`percentage` integer DEFAULT 0 NOT NULL,
	`error` text,
	`error_data` text,
	`created_at` integer NOT NULL,
	`changed_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `job_app` ON `job` (`app`,`door`,`kind`) WHERE state <> 'ended';--> statement-breakpoint
CREATE INDEX `job_open` ON `job` (`app`) WHERE state in ('started', 'ended');