CREATE TABLE `bridge` (
	`number` integer PRIMARY KEY NOT NULL,
	`app` integer NOT NULL,
	`network` text NOT NULL,
	`conversation` integer NOT NULL,
	`account` text NOT NULL,
	`place` text DEFAULT '{}' NOT NULL,
	`self` text DEFAULT '[]' NOT NULL,
	`incoming` integer
);
