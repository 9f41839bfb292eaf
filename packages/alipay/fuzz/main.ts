/** fuzz · main: the command - shares the inputs among threads, watches them, and prints the seed. */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { FuzzFailure, FuzzResult } from './run.ts';

const help = `Feeds changed and made-up messages to every parser of what comes from outside.

  npm run fuzz                          1 000 000 inputs, seed 1
  npm run fuzz -- 50000                 fewer of them
  npm run fuzz -- --seed 7              other ones
  npm run fuzz -- --only notification   one target
  npm run fuzz -- --at 1234             one input, again

None may fail but with an error of the contract, end later than ten seconds, pollute a prototype, or make
a forgery be believed. The first that does is printed with what replays it, and the command exits 1.
`;

const deadlineMs = 10_000;
const options = {
  seed: { type: 'string', default: '1' },
  only: { type: 'string', default: '' },
  at: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;
const { values, positionals } = parseArgs({ options, allowPositionals: true });

const wholeNumber = (text: string, name: string): number => {
  const value = Number(text.replaceAll('_', ''));
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new Error(`${name} must be a whole number, not ${text}`);
};

interface Share {
  readonly progress: Int32Array;
  readonly result: Promise<FuzzResult>;
  readonly worker: Worker;
}

function start(plan: {
  first: number;
  last: number;
  step: number;
  seed: number;
  only: string;
}): Share {
  const progress = new Int32Array(new SharedArrayBuffer(8));
  const worker = new Worker(new URL('worker.ts', import.meta.url), {
    workerData: { ...plan, progress },
    execArgv: ['--conditions=@polyrail/source'],
  });
  const result = new Promise<FuzzResult>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  return { progress, result, worker };
}

/** The input that has been under way for too long, once there is one. */
function watch(shares: readonly Share[], total: number): { stuck: Promise<number>; stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  const seen = shares.map(() => ({ done: -1, sinceMs: performance.now() }));
  const stuck = new Promise<number>((resolve) => {
    timer = setInterval(() => {
      let done = 0;
      shares.forEach(({ progress }, at) => {
        const [index = 0, count = 0] = progress;
        done += count;
        const last = seen[at] as { done: number; sinceMs: number };
        if (count !== last.done) seen[at] = { done: count, sinceMs: performance.now() };
        else if (count > 0 && performance.now() - last.sinceMs > deadlineMs) resolve(index);
      });
      if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${total} inputs `);
    }, 500);
  });
  return { stuck, stop: () => clearInterval(timer) };
}

const merged = (results: readonly FuzzResult[]) => {
  const sums = new Map<string, { inputs: number; read: number }>();
  for (const { counts } of results) {
    for (const [name, { inputs, read }] of Object.entries(counts)) {
      const sum = sums.get(name) ?? { inputs: 0, read: 0 };
      sums.set(name, { inputs: sum.inputs + inputs, read: sum.read + read });
    }
  }
  return sums;
};

function complain({ index, target, what, input }: FuzzFailure, seed: number): void {
  process.stdout.write(
    `\n${target}: ${what}\nreplay: npm run fuzz -- --seed ${seed} --at ${index}\ninput (base64): ${input}\n`,
  );
}

async function main(): Promise<0 | 1> {
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const seed = wholeNumber(values.seed, '--seed');
  const at = values.at === undefined ? undefined : wholeNumber(values.at, '--at');
  const total = at === undefined ? wholeNumber(positionals[0] ?? '1000000', 'The count') : 1;
  const step = at === undefined ? Math.min(availableParallelism(), 8) : 1;
  const shares = Array.from({ length: step }, (_, share) =>
    start({
      first: at ?? share,
      last: at === undefined ? total : at + 1,
      step,
      seed,
      only: values.only,
    }),
  );
  const begun = performance.now();
  const { stuck, stop } = watch(shares, total);
  const hanging = stuck.then((index) => ({ index }));
  const ended = await Promise.race([Promise.all(shares.map(({ result }) => result)), hanging]);
  stop();
  for (const { worker } of shares) await worker.terminate();
  if (!Array.isArray(ended)) {
    const what = `it takes longer than ${deadlineMs / 1000} s`;
    complain({ index: ended.index, target: 'some target', what, input: '' }, seed);
    return 1;
  }
  const failure = ended.find((one) => one.failure !== undefined)?.failure;
  if (process.stderr.isTTY) process.stderr.write('\r');
  for (const [name, { inputs, read }] of merged(ended)) {
    process.stdout.write(
      `${name.padEnd(24)}${String(inputs).padStart(9)} inputs, ${read} read as sound\n`,
    );
  }
  const seconds = ((performance.now() - begun) / 1000).toFixed(0);
  if (failure !== undefined) {
    complain(failure, seed);
    return 1;
  }
  process.stdout.write(`${total} inputs in ${seconds} s, seed ${seed}: every promise kept.\n`);
  return 0;
}

process.exitCode = await main();
