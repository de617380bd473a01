/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  // Whole platforms are started in hooks, on machines that may be busy; no test waits for this long on purpose.
  testTimeout: 120_000,
  maxWorkers: 2,
  roots: ['<rootDir>/subgraphs', '<rootDir>/supergraph', '<rootDir>/infra', '<rootDir>/clients', '<rootDir>/tests'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: {
    '^#shared/(.*)\\.js$': '<rootDir>/subgraphs/shared/$1',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2023',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, useDefineForClassFields: false },
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
};
