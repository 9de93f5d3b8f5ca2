ALTER TABLE `user` ADD `merged_into` integer;--> statement-breakpoint
ALTER TABLE `user` ADD `merge_from` integer;--> statement-breakpoint
ALTER TABLE `user` ADD `merge_at` integer;--> statement-breakpoint
CREATE INDEX `user_merged` ON `user` (`merged_into`) WHERE merged_into is not null;--> statement-breakpoint
CREATE INDEX `user_merging` ON `user` (`merge_at`) WHERE merge_from is not null;--> statement-breakpoint
CREATE INDEX `user_blocking` ON `user` (`app`) WHERE blocked <> '[]';