CREATE TABLE `app` (
	`number` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`slug` text NOT NULL,
	`name` text NOT NULL,
	`settings` text NOT NULL,
	`origins` text NOT NULL,
	`system_user` integer,
	`business_user` integer,
	`created_at` integer NOT NULL,
	`deleted_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `app_slug` ON `app` (`slug`);--> statement-breakpoint
CREATE TABLE `conversation` (
	`number` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`app` integer NOT NULL,
	`nonce` text NOT NULL,
	`kind` text NOT NULL,
	`block_of` integer,
	`creator` integer,
	`door` text NOT NULL,
	`created_at` integer NOT NULL,
	`unique_id` text,
	`pair` text,
	`default_of` integer,
	`create_key` text,
	`public` integer DEFAULT false NOT NULL,
	`title` text,
	`description` text,
	`icon` text,
	`options` text,
	`metadata` text,
	`assignee` integer,
	`group_number` integer,
	`state` text DEFAULT 'open' NOT NULL,
	`locked` integer DEFAULT false NOT NULL,
	`epoch` text DEFAULT '' NOT NULL,
	`blocks` text DEFAULT '[]' NOT NULL,
	`last_seq` integer DEFAULT 0 NOT NULL,
	`last_message_seq` integer DEFAULT 0 NOT NULL,
	`last_at` integer NOT NULL,
	`message_count` integer DEFAULT 0 NOT NULL,
	`last_author` integer,
	`preview` text DEFAULT '' NOT NULL,
	`recent` text DEFAULT '{}' NOT NULL,
	`people` text DEFAULT '[]' NOT NULL,
	`member_count` integer DEFAULT 0 NOT NULL,
	`gone` text DEFAULT '[]' NOT NULL,
	`deleted_at` integer
);
--> statement-breakpoint
CREATE INDEX `conversation_app` ON `conversation` (`app`,`last_at`);--> statement-breakpoint
CREATE UNIQUE INDEX `conversation_unique_id` ON `conversation` (`app`,`unique_id`) WHERE unique_id is not null;--> statement-breakpoint
CREATE UNIQUE INDEX `conversation_pair` ON `conversation` (`app`,`pair`) WHERE pair is not null;--> statement-breakpoint
CREATE UNIQUE INDEX `conversation_default` ON `conversation` (`app`,`default_of`) WHERE default_of is not null;--> statement-breakpoint
CREATE UNIQUE INDEX `conversation_create_key` ON `conversation` (`app`,`create_key`) WHERE create_key is not null;--> statement-breakpoint
CREATE TABLE `credential` (
	`number` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`app` integer,
	`door` text NOT NULL,
	`scope` text NOT NULL,
	`secret` text NOT NULL,
	`created_at` integer NOT NULL,
	`revoked_at` integer
);
--> statement-breakpoint
CREATE INDEX `credential_app` ON `credential` (`app`);--> statement-breakpoint
CREATE TABLE `entry` (
	`id` integer PRIMARY KEY NOT NULL,
	`author` integer,
	`at` integer NOT NULL,
	`kind` integer NOT NULL,
	`markup` text,
	`text` text,
	`extra` text NOT NULL,
	`client_id` text,
	`print` text
);
--> statement-breakpoint
CREATE TABLE `host` (
	`name` text PRIMARY KEY NOT NULL,
	`app` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `membership` (
	`user` integer NOT NULL,
	`conversation` integer NOT NULL,
	`rev` integer NOT NULL,
	`standing` text NOT NULL,
	`joined_at` integer NOT NULL,
	`read_seq` integer NOT NULL,
	`read_n` integer NOT NULL,
	`read_at` integer NOT NULL,
	`own_after` integer NOT NULL,
	`delivered_seq` integer NOT NULL,
	`delivered_at` integer NOT NULL,
	`hidden_seq` integer NOT NULL,
	`cleared_seq` integer NOT NULL,
	`progress` text NOT NULL,
	`muted` integer NOT NULL,
	`invited_by` integer,
	`removed_by` integer,
	PRIMARY KEY(`user`, `conversation`)
) WITHOUT ROWID;
--> statement-breakpoint
CREATE INDEX `membership_conversation` ON `membership` (`conversation`);--> statement-breakpoint
CREATE TABLE `parked` (
	`number` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`conversation` integer NOT NULL,
	`seq` integer NOT NULL,
	`reason` text NOT NULL,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `revocation` (
	`number` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`user` integer NOT NULL,
	`session` text,
	`token_version` integer,
	`at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `user` (
	`number` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`app` integer NOT NULL,
	`external_id` text,
	`email` text,
	`email_key` text,
	`username` text NOT NULL,
	`username_key` text,
	`name` text NOT NULL,
	`name_key` text NOT NULL,
	`avatar` text,
	`locale` text,
	`role` text NOT NULL,
	`metadata` text NOT NULL,
	`profile` text NOT NULL,
	`password` text,
	`blocked` text NOT NULL,
	`token_version` integer NOT NULL,
	`created_at` integer NOT NULL,
	`last_active_at` integer,
	`deleted_at` integer,
	`conversations` integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `user_external` ON `user` (`app`,`external_id`) WHERE external_id is not null;--> statement-breakpoint
CREATE UNIQUE INDEX `user_email` ON `user` (`app`,`email_key`) WHERE email_key is not null;--> statement-breakpoint
CREATE UNIQUE INDEX `user_username` ON `user` (`app`,`username_key`) WHERE username_key is not null;--> statement-breakpoint
CREATE INDEX `user_name` ON `user` (`app`,`name_key`);