/** workspace · packages: what is published, each after those it depends on. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly exports: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

export interface Package {
  readonly folder: string;
  readonly name: string;
  readonly manifest: Manifest;
}

const read = (path: string): Package => {
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as Manifest;
  return { folder: dirname(path), name: manifest.name, manifest };
};

/** Every package that is published, in an order in which each finds its dependencies built. */
export function packages(): readonly Package[] {
  const patterns = [
    'packages/*/package.json',
    'simulators/*/package.json',
    'conformance/package.json',
  ];
  const found = globSync(patterns, { cwd: root }).map((path) => read(join(root, path)));
  const open = new Map(found.map((one) => [one.name, one]));
  const ordered: Package[] = [];
  const place = (one: Package): void => {
    if (!open.delete(one.name)) return;
    const { dependencies, peerDependencies } = one.manifest;
    for (const name of Object.keys({ ...dependencies, ...peerDependencies })) {
      const needed = open.get(name);
      if (needed !== undefined) place(needed);
    }
    ordered.push(one);
  };
  for (const one of found) place(one);
  return ordered.filter(({ folder }) => existsSync(join(folder, 'tsup.config.ts')));
}
