import type { Options } from 'tsup';

/**
 * The one build preset: readable ESM, one file per entry, types beside it. Workspace and npm
 * dependencies stay external, but for the parts of zod in use: its entry loads forty languages of
 * messages, which costs more memory and time to start than everything else a channel loads.
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
  // Without its protocol node:sqlite would be a package of that name.
  removeNodeProtocol: false,
  noExternal: [/^zod\//],
});
