/** ci · packing: what would be published, and whether an empty project can use it. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packages } from '../.config/packages.ts';
import { run, runAll } from './run.ts';

const pnpm = ['npx', '--yes', 'pnpm@12.21.0'];

const tarballsIn = (folder: string): readonly string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.tgz'))
    .map((name) => join(folder, name));

/** Packs every package as it would be published, into one folder. */
export function packAll(destination: string): string | undefined {
  for (const { folder } of packages()) {
    const problem = run([...pnpm, 'pack', '--pack-destination', destination], { cwd: folder });
    if (problem !== undefined) return problem;
  }
  const packed = tarballsIn(destination).length;
  return packed === packages().length ? undefined : `${packed} tarballs were packed`;
}

/** Both linters of published packages, on the tarballs themselves. */
export function checkTarball(folder: string): string | undefined {
  const tarballs = tarballsIn(folder);
  if (tarballs.length === 0) return 'nothing was packed';
  return runAll(
    tarballs.flatMap((tarball) => [
      ['publint', 'run', tarball, '--strict'],
      ['attw', tarball, '--profile', 'esm-only'],
    ]),
  );
}

interface Entries {
  /** As their users write them. */
  readonly plain: readonly string[];
  /** Named after a library that only their users have. */
  readonly guests: readonly string[];
  /** Those libraries, with the versions they may have. */
  readonly peers: Readonly<Record<string, string>>;
}

/** Entries that need optional peers and are named after what these make. */
const namedOtherwise: ReadonlySet<string> = new Set(['@polyrail/gateway/postgres']);

/** Every entry of every package. */
function entries(): Entries {
  const found = {
    plain: [] as string[],
    guests: [] as string[],
    peers: {} as Record<string, string>,
  };
  for (const { name, manifest } of packages()) {
    const { exports, peerDependencies = {}, peerDependenciesMeta = {} } = manifest;
    const paths = Object.keys(exports).filter((path) => !path.endsWith('.json'));
    for (const path of paths) {
      const entry = name + path.slice(1);
      const isGuest =
        peerDependenciesMeta[path.slice(2)]?.optional === true || namedOtherwise.has(entry);
      found[isGuest ? 'guests' : 'plain'].push(entry);
    }
    for (const peer of Object.keys(peerDependenciesMeta)) {
      found.peers[peer] = peerDependencies[peer] ?? '*';
    }
  }
  return found;
}

const program = (names: readonly string[]): string => `
for (const name of ${JSON.stringify(names)}) {
  const exported = Object.keys(await import(name));
  if (exported.length === 0) throw new Error(name + ' exports nothing');
  console.log(name + ': ' + exported.length);
}
`;

/** Starts the installed simulator, asks it for its discovery document, and stops it. */
const simulate = `
import { spawn } from 'node:child_process';
const child = spawn('npx', ['polyrail', 'sim', 'alipay', '--json'], { stdio: ['ignore', 'pipe', 2], detached: true });
let text = '';
for await (const chunk of child.stdout) if ((text += chunk).includes('\\n')) break;
const { channel, baseUrl } = JSON.parse(text);
const reply = await fetch(baseUrl + '/_sim/discovery');
process.kill(-child.pid);
if (channel !== 'alipay' || !reply.ok) throw new Error('no discovery document');
process.exit(0);
`;

/**
 * Installs the tarballs in an empty project, imports everything, runs the command. Optional peers
 * come last: nothing but the entries named after them may need them.
 */
export function importEverything(tarballs: string, project: string): string | undefined {
  const { plain, guests, peers } = entries();
  const install = ['npm', 'install', '--no-fund', '--no-audit', '--ignore-scripts'];
  const wanted = Object.entries(peers).map(([name, range]) => `${name}@${range}`);
  mkdirSync(project, { recursive: true });
  writeFileSync(join(project, 'package.json'), '{"private":true,"type":"module"}\n');
  writeFileSync(join(project, 'import.mjs'), program(plain));
  writeFileSync(join(project, 'guests.mjs'), program(guests));
  writeFileSync(join(project, 'simulate.mjs'), simulate);
  return runAll(
    [
      [...install, ...tarballsIn(tarballs)],
      ['node', 'import.mjs'],
      ['npx', 'polyrail', '--help'],
      ['node', 'simulate.mjs'],
      [...install, ...wanted],
      ['node', 'guests.mjs'],
    ],
    { cwd: project },
  );
}
