CREATE TABLE `service_group` (
	`number` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`app` integer NOT NULL,
	`name` text NOT NULL,
	`description` text NOT NULL,
	`icon` text,
	`distributor` integer DEFAULT false NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`deleted_at` integer
);
--> statement-breakpoint
CREATE INDEX `service_group_app` ON `service_group` (`app`) WHERE deleted_at is null;--> statement-breakpoint
CREATE TABLE `service_group_member` (
	`user` integer PRIMARY KEY NOT NULL,
	`group_number` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `service_group_member_group` ON `service_group_member` (`group_number`);--> statement-breakpoint
ALTER TABLE `app` ADD `widget` text DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE `app` ADD `updated_at` integer;