/** The architecture as rules: who may import whom. Each name says what it protects. */
const LLM = 'image|summarize|chat';
const SUBGRAPH = `auth|analytics|${LLM}`;
const SUPERGRAPH_LAYERS = ['edge', 'gateway', 'subscriptions', 'sse|websocket', 'rest'];

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'subgraphs-know-no-other-subgraph',
      severity: 'error',
      from: { path: `^subgraphs/(${SUBGRAPH})/` },
      to: { path: `^subgraphs/(${SUBGRAPH})/`, pathNot: '^subgraphs/$1/' },
    },
    {
      name: 'shared-knows-no-subgraph',
      severity: 'error',
      from: { path: '^subgraphs/shared/' },
      to: { path: `^subgraphs/(${SUBGRAPH})/` },
    },
    {
      name: 'supergraph-knows-subgraphs-by-schema-only',
      comment:
        'Of ours it takes what knows no subgraph: errors, limits, streams and such, and the process pieces of shared/server.',
      severity: 'error',
      from: { path: '^supergraph/' },
      to: {
        path: '^(subgraphs|infra|tests|bench)/',
        pathNot: [
          '^subgraphs/shared/(errors|config|logging|context|concurrency|rate-limit|redis|streams)/',
          '^subgraphs/shared/server/(http-server|health|metrics|lifecycle|run-service)\\.',
        ],
      },
    },
    {
      name: 'supergraph-without-subgraph-libraries',
      severity: 'error',
      from: { path: '^supergraph/' },
      to: { path: 'node_modules/(type-graphql|@mikro-orm|@apollo/subgraph|@aws-sdk)/' },
    },
    {
      name: 'shared-lowest-layer',
      severity: 'error',
      from: { path: '^subgraphs/shared/(errors|config|logging|concurrency|redis)/' },
      to: { path: '^subgraphs/shared/(context|events|history|llm|rate-limit|safe-fetch|server|streams)/' },
    },
    {
      name: 'shared-middle-layer',
      severity: 'error',
      from: {
        path: '^subgraphs/shared/(context|events|history|llm|rate-limit|safe-fetch|streams)/',
        pathNot: '\\.test\\.ts$',
      },
      to: { path: '^subgraphs/shared/server/' },
    },
    {
      name: 'history-store-is-lowest',
      severity: 'error',
      from: { path: '^subgraphs/shared/history/store/' },
      to: { path: '^subgraphs/shared/history/(commit|graph|settling)/' },
    },
    {
      name: 'history-has-its-graphql-in-one-place',
      severity: 'error',
      from: { path: '^subgraphs/shared/history/(commit|settling|store)/' },
      to: { path: ['^subgraphs/shared/history/graph/', 'node_modules/(graphql|type-graphql)/'] },
    },
    {
      name: 'services-know-no-graphql',
      severity: 'error',
      from: { path: '^subgraphs/.+\\.service\\.ts$' },
      to: { path: ['node_modules/(graphql|type-graphql|@apollo)/', '\\.(resolver|type|input)\\.ts$', '/schema\\.ts$'] },
    },
    {
      name: 'types-know-no-resolver',
      severity: 'error',
      from: { path: '^subgraphs/.+\\.(type|input|entity)\\.ts$' },
      to: { path: ['\\.(resolver|service|loader)\\.ts$', '/(schema|context|main)\\.ts$'] },
    },
    {
      name: 'nobody-imports-main',
      severity: 'error',
      from: {},
      to: { path: '^(subgraphs|supergraph)/.*main\\.ts$' },
    },
    {
      name: 'only-infra-and-tests-import-infra',
      severity: 'error',
      from: { path: '^(subgraphs|supergraph)/', pathNot: '\\.test\\.ts$' },
      to: { path: '^infra/' },
    },
    {
      name: 'infra-local-starts-programs-and-imports-none',
      comment: 'Of a service it knows the settings, to pass on what the operator has set.',
      severity: 'error',
      from: { path: '^infra/local/' },
      to: { path: `^(supergraph|subgraphs/(${SUBGRAPH}))/`, pathNot: '/config\\.ts$' },
    },
    {
      name: 'clients-know-the-platform-by-its-api-only',
      comment: 'Of ours they take how to find the platform that runs here, and how commands report errors.',
      severity: 'error',
      from: { path: '^clients/' },
      to: {
        path: '^(subgraphs|supergraph|infra|tests|bench)/',
        pathNot: ['^subgraphs/shared/config/', '^infra/(command-line|local/(find-platform|settings))\\.'],
      },
    },
    {
      name: 'nobody-imports-clients',
      severity: 'error',
      from: { pathNot: '^(clients|tests)/' },
      to: { path: '^clients/' },
    },
    {
      name: 'nobody-imports-tests',
      severity: 'error',
      from: { path: '^(subgraphs|supergraph|infra|clients)/' },
      to: { path: '^(tests|bench)/' },
    },
    ...SUPERGRAPH_LAYERS.slice(0, -1).map((layer, at) => ({
      name: `supergraph-${layer.replace('|', '-')}-layer`,
      comment: `Folders of the supergraph know only those before them: ${SUPERGRAPH_LAYERS.join(', ')}.`,
      severity: 'error',
      from: { path: `^supergraph/(${layer})/` },
      to: { path: `^supergraph/(${SUPERGRAPH_LAYERS.slice(at + 1).join('|')})/` },
    })),
    {
      name: 'production-code-without-test-libraries',
      severity: 'error',
      from: { path: '^(subgraphs|supergraph|infra|clients)/', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['npm-dev'] },
    },
    {
      name: 'no-undeclared-packages',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    // A package of types alone has nothing that could be resolved to.
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, path: '.', pathNot: '^@graphql-typed-document-node/core$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'node', 'default', 'types'],
    },
  },
};
