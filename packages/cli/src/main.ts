#!/usr/bin/env node
/** cli · main: the `polyrail` command. */
import { availableParallelism } from 'node:os';
import { channels } from './channels.ts';
import { runCommand } from './program.ts';
import { stopSignal } from './stop-signal.ts';

// Simulators sign on the pool: more threads than cores only take turns with the one that answers. The
// runtime reads this when the first of them is needed.
process.env['UV_THREADPOOL_SIZE'] ??= String(availableParallelism());

// A reader that leaves early, such as `head`, stops no simulator.
process.stdout.on('error', () => undefined);
process.exitCode = await runCommand(process.argv.slice(2), {
  channels,
  write: (text) => process.stdout.write(text),
  writeError: (text) => process.stderr.write(text),
  stopped: stopSignal,
});
