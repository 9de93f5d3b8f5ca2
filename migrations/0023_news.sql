CREATE TABLE `news` (
	`number` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`endpoint` integer NOT NULL,
	`at` integer NOT NULL,
	`kind` text NOT NULL,
	`person` text NOT NULL,
	`more` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `news_endpoint` ON `news` (`endpoint`);--> statement-breakpoint
CREATE TABLE `once` (
	`key` text PRIMARY KEY NOT NULL,
	`print` text NOT NULL,
	`started_at` integer NOT NULL,
	`answer` text
);
--> statement-breakpoint
CREATE INDEX `once_started` ON `once` (`started_at`);