import { defineConfig } from 'vitest/config';
import { LongestFirst } from './sequence.ts';

// Sources resolve between workspace packages without a build. How a file is loaded adds `import` or
// `require` by itself: named here, what is required would get what is meant to be imported.
const conditions = ['@polyrail/source', 'module', 'node', 'default'];

/** Each puts itself into the runtime's own modules, for as long as its process lives. */
const mounts = ['{packages,simulators}/*/test/mount*.test.ts'];

export default defineConfig({
  root: new URL('..', import.meta.url).pathname,
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    setupFiles: ['.config/properties.ts'],
    // A law makes hundreds of calls; the machine may be busy with other things.
    testTimeout: 60_000,
    hookTimeout: 20_000,
    pool: 'forks',
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'rooms',
          // Files share their process: loading sources and minting keys once is half of the time.
          isolate: false,
          include: [
            '{packages,simulators}/*/test/**/*.test.ts',
            'conformance/test/**/*.test.ts',
            'examples/**/*.test.ts',
          ],
          exclude: ['**/node_modules/**', ...mounts],
        },
      },
      { extends: true, test: { name: 'mounts', include: mounts } },
    ],
  },
});
