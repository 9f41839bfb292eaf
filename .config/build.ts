/** workspace · build: tsup in every package, those it depends on first. */
import { spawnSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { packages } from './packages.ts';

for (const { folder, name, manifest } of packages()) {
  console.log(`\n${name}`);
  const { status } = spawnSync('tsup', ['--silent'], { cwd: folder, stdio: 'inherit' });
  if (status !== 0) {
    process.exitCode = 1;
    break;
  }
  // Parts of zod are packed in (see tsup.ts): its licence goes with them.
  if (manifest.dependencies?.zod !== undefined) {
    const licence = join(folder, 'node_modules', 'zod', 'LICENSE');
    copyFileSync(licence, join(folder, 'dist', 'zod.LICENSE'));
  }
}
