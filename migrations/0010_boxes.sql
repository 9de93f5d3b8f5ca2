ALTER TABLE `membership` ADD `sent` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `membership` ADD `concealed` text DEFAULT '' NOT NULL;