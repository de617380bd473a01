import { join } from 'node:path';
import { composedSchema } from './composed-schema.js';
import { keepGenerated } from './generated-files.js';

/** `npm run schema:compose`: the GraphQL part of `schema/` from the code and rover.yaml; with `--check` only compared. */
const root = join(import.meta.dirname, '../../..');
await keepGenerated(root, await composedSchema(root));
