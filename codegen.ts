import type { CodegenConfig } from '@graphql-codegen/cli';

/** Types of the operations that the REST routes run: `npm run schema:compose` writes them, `npm run check` proves them fresh. */
export default {
  schema: 'schema/api.graphql',
  documents: 'supergraph/rest/operations/*.graphql',
  generates: {
    'supergraph/rest/operations/operations.generated.ts': {
      plugins: ['typescript-operations', 'typed-document-node'],
      config: {
        documentMode: 'string',
        scalars: { DateTimeISO: 'string', JSONObject: 'Record<string, unknown>', SafeInt: 'number' },
        strictScalars: true,
        enumType: 'string-literal',
        skipTypename: true,
        useTypeImports: true,
      },
    },
  },
} satisfies CodegenConfig;
