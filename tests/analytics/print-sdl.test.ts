import 'reflect-metadata';
import { it } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { buildAnalyticsSchema } from '../../subgraphs/analytics/schema.js';
import { printSubgraphSchema } from '@apollo/subgraph';
import { graphql } from 'graphql';
it('prints', async () => {
  const schema = await buildAnalyticsSchema();
  writeFileSync('/tmp/analytics-printed.graphql', printSubgraphSchema(schema));
  const r = await graphql({ schema, source: '{ _service { sdl } }' });
  writeFileSync('/tmp/analytics.graphql', String((r.data as any)?._service.sdl ?? JSON.stringify(r)));
});
