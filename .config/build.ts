/** workspace · build: tsup in every package, those it depends on first. */
import { spawnSync } from 'node:child_process';
import { packages } from './packages.ts';

for (const { folder, name } of packages()) {
  console.log(`\n${name}`);
  const { status } = spawnSync('tsup', ['--silent'], { cwd: folder, stdio: 'inherit' });
  if (status !== 0) {
    process.exitCode = 1;
    break;
  }
}
