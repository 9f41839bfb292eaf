import type { Options } from 'tsup';

/**
 * The one build preset: readable ESM, one file per entry, types beside it.
 * Workspace and npm dependencies stay external.
 */
export const preset = (entry: Record<string, string>): Options => ({
  entry,
  format: ['esm'],
  target: 'node22',
  platform: 'node',
  dts: { compilerOptions: { customConditions: [], rewriteRelativeImportExtensions: false } },
  sourcemap: true,
  clean: true,
  minify: false,
  treeshake: true,
});
