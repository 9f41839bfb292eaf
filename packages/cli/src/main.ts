#!/usr/bin/env node
/** cli · main: the `polyrail` command. */
import { channels } from './channels.ts';
import { runCommand } from './program.ts';
import { stopSignal } from './stop-signal.ts';

// A reader that leaves early, such as `head`, stops no simulator.
process.stdout.on('error', () => undefined);
process.exitCode = await runCommand(process.argv.slice(2), {
  channels,
  write: (text) => process.stdout.write(text),
  writeError: (text) => process.stderr.write(text),
  stopped: stopSignal,
});
