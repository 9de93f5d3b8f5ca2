// Columns that tables have in common.
import { integer } from 'drizzle-orm/sqlite-core';

/** Numbers are AUTOINCREMENT: hub-wide, and a deleted row's number never comes back (DESIGN.md 3). */
export const number = () => integer('number').primaryKey({ autoIncrement: true });
export const flag = (name: string) => integer(name, { mode: 'boolean' });
