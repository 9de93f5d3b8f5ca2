CREATE TABLE half (number INTEGER PRIMARY KEY);
--> statement-breakpoint
INSERT INTO no_such_table VALUES (1);
