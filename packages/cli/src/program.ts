/** cli · program: the commands, their options, and how each of them ends. */
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import manifest from '../package.json' with { type: 'json' };
import { bannerOf } from './banner.ts';
import type { Channels, StartOptions } from './channels.ts';

/** What the command touches outside itself. */
export interface Surroundings {
  readonly channels: Channels;
  write(text: string): void;
  writeError(text: string): void;
  /** Resolves when the simulator shall stop. */
  stopped(): Promise<void>;
}

/** `0` fine, `1` it failed while working, `2` it was not asked properly. */
type ExitCode = 0 | 1 | 2;

const wholeNumber = (highest: number) => (text: string) => {
  const value = Number(text);
  if (/^\d{1,16}$/.test(text) && value <= highest) return value;
  throw new InvalidArgumentError(`Expected a whole number from 0 to ${highest}.`);
};

interface SimOptions extends StartOptions {
  readonly json?: boolean;
}

async function simulate(
  channel: string,
  options: SimOptions,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const { channels, write, writeError, stopped } = surroundings;
  const load = Object.hasOwn(channels, channel) ? channels[channel] : undefined;
  if (load === undefined) {
    const known = Object.keys(channels).join(', ');
    writeError(`error: no simulator for the channel '${channel}'. Known channels: ${known}.\n`);
    return 2;
  }
  const { json, ...start } = options;
  const simulator = await load();
  const site = await simulator(start);
  // Listening before the first word: whoever reads it may stop us at once.
  const stop = stopped();
  try {
    write(json ? `${JSON.stringify(site.discovery())}\n` : bannerOf(site));
    await stop;
  } finally {
    await site.stop();
  }
  if (!json) write('Stopped.\n');
  return 0;
}

function createProgram(surroundings: Surroundings, end: (code: ExitCode) => void): Command {
  const known = Object.keys(surroundings.channels).join(', ');
  const program = new Command('polyrail')
    .description('Payment channels on a laptop: simulators that behave like the real ones.')
    .version(manifest.version, '--version', 'print the version')
    .exitOverride()
    .configureOutput({ writeOut: surroundings.write, writeErr: surroundings.writeError });
  program
    .command('sim')
    .description("serve a channel's simulator until stopped")
    .argument('<channel>', `which channel: ${known}`)
    .option('--port <number>', 'port to listen on (default: a free one)', wholeNumber(65_535))
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--seed <number>', 'replay the run of this seed', wholeNumber(2 ** 31 - 1))
    .option('--tls', 'serve https with a certificate made at start')
    .option('--json', 'print only the discovery document, on one line')
    .action(async (channel: string, options: SimOptions) => {
      end(await simulate(channel, options, surroundings));
    });
  return program;
}

/** Help and version are answers, not errors. */
const answered = new Set(['commander.helpDisplayed', 'commander.version']);

/** Runs `polyrail` with these arguments; resolves with the exit code, never rejects. */
export async function runCommand(
  words: readonly string[],
  surroundings: Surroundings,
): Promise<ExitCode> {
  let code: ExitCode = 0;
  const program = createProgram(surroundings, (ended) => {
    code = ended;
  });
  try {
    await program.parseAsync([...words], { from: 'user' });
    return code;
  } catch (error) {
    // Commander has said what was wrong already.
    if (error instanceof CommanderError) return answered.has(error.code) ? 0 : 2;
    surroundings.writeError(`error: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}
