/** contest · attacks: the corpus of every room, one table after the other. */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const packages = fileURLToPath(new URL('../..', import.meta.url));
const help = `Usage: npm run attacks [-- ROOM...]

Presents the same attacks, and each one's honest twin, to a channel of Polyrail and to the npm clients
of the same payer, used as they tell their users to. Exits with 1 where Polyrail believes one.
`;

const words = process.argv.slice(2);
if (words.includes('--help')) {
  process.stdout.write(help);
  process.exit(0);
}
const rooms = globSync('*/attack/main.ts', { cwd: packages })
  .map((path) => path.split(/[\\/]/)[0] as string)
  .sort();
const unknown = words.find((word) => !rooms.includes(word));
if (unknown !== undefined) {
  process.stdout.write(`No attacks are known of ${unknown}\n\n${help}`);
  process.exit(2);
}
for (const room of rooms) {
  if (words.length > 0 && !words.includes(room)) continue;
  process.stdout.write(`\n## ${room}\n\n`);
  const options = ['--conditions=@polyrail/source', join(packages, room, 'attack/main.ts')];
  const { status } = spawnSync(process.execPath, options, { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}
