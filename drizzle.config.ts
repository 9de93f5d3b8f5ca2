import { defineConfig } from 'drizzle-kit';

// `npm run migrations` writes the SQL of a changed schema to migrations/, numbered.
export default defineConfig({
  dialect: 'sqlite',
  schema: './src/directory/schema/*.ts',
  out: './migrations',
});
