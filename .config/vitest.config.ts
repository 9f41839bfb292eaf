import { defineConfig } from 'vitest/config';

// Sources resolve between workspace packages without a build.
const conditions = ['@polyrail/source', 'module', 'node', 'import', 'default'];

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: [
      '{packages,simulators}/*/test/**/*.test.ts',
      'conformance/test/**/*.test.ts',
      'examples/**/*.test.ts',
    ],
    setupFiles: ['.config/properties.ts'],
    // A law makes hundreds of calls; the machine may be busy with other things.
    testTimeout: 60_000,
    hookTimeout: 20_000,
    pool: 'forks',
    maxWorkers: 2,
  },
});
