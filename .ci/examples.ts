/** ci · examples: every small program is run, and must end well. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../.config/packages.ts';
import { run } from './run.ts';

const folder = join(root, 'examples');

const program = (name: string): readonly string[] => [
  'node',
  '--conditions=@polyrail/source',
  join('examples', name, 'main.ts'),
];

/** Commands of those that are not simply run. */
const special: Readonly<Record<string, readonly string[]>> = {
  'life-of-payments': ['npm', 'start', '--', '--once'],
  shop: [...program('shop'), '--once'],
};

export const exampleFolders = (): readonly string[] =>
  readdirSync(folder).filter((name) => existsSync(join(folder, name, 'main.ts')));

export function runExample(name: string): string | undefined {
  return run(special[name] ?? program(name));
}
