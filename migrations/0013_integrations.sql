CREATE TABLE `endpoint` (
	`number` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`app` integer NOT NULL,
	`integration` integer,
	`format` text NOT NULL,
	`url` text NOT NULL,
	`events` text NOT NULL,
	`options` text DEFAULT '{}' NOT NULL,
	`secret` text NOT NULL,
	`state` text DEFAULT 'active' NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`deleted_at` integer
);
--> statement-breakpoint
CREATE INDEX `endpoint_app` ON `endpoint` (`app`) WHERE deleted_at is null;--> statement-breakpoint
CREATE TABLE `integration` (
	`number` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`app` integer NOT NULL,
	`type` text NOT NULL,
	`name` text,
	`status` text DEFAULT 'active' NOT NULL,
	`created_at` integer NOT NULL,
	`deleted_at` integer
);
--> statement-breakpoint
CREATE INDEX `integration_app` ON `integration` (`app`) WHERE deleted_at is null;--> statement-breakpoint
CREATE TABLE `line` (
	`number` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`switchboard` integer NOT NULL,
	`integration` integer NOT NULL,
	`name` text NOT NULL,
	`standby` integer DEFAULT true NOT NULL,
	`next` integer,
	`history` integer,
	`created_at` integer NOT NULL,
	`deleted_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `line_name` ON `line` (`switchboard`,`name`) WHERE deleted_at is null;--> statement-breakpoint
CREATE UNIQUE INDEX `line_integration` ON `line` (`switchboard`,`integration`) WHERE deleted_at is null;--> statement-breakpoint
CREATE TABLE `switchboard` (
	`number` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`app` integer NOT NULL,
	`enabled` integer DEFAULT false NOT NULL,
	`default_line` integer,
	`created_at` integer NOT NULL,
	`deleted_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `switchboard_app` ON `switchboard` (`app`) WHERE deleted_at is null;--> statement-breakpoint
ALTER TABLE `app` ADD `switchboard` integer;--> statement-breakpoint
ALTER TABLE `conversation` ADD `control` text;--> statement-breakpoint
ALTER TABLE `credential` ADD `integration` integer;