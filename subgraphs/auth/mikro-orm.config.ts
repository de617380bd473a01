import { databaseConfig } from './database.js';

/** For MikroORM's command line: `npm run migration -- migration:check` with DATABASE_URL set. */
export default databaseConfig(process.env['DATABASE_URL'] ?? '');
