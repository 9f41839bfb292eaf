/**
 * gateway · test: the process above a PostgreSQL server of a test. It ends the server when its own
 * input ends: when the test asks for it, and also when the test's process was killed.
 */
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';

const [, , program = '', order = '{}'] = process.argv;
const { args, uid, gid, folder } = JSON.parse(order) as {
  readonly args: readonly string[];
  readonly uid?: number;
  readonly gid?: number;
  readonly folder: string;
};

// Ctrl-C reaches the whole group: whoever holds our input says when it is over.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);

const owner = uid === undefined || gid === undefined ? {} : { uid, gid };
const server = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'], ...owner });

function cleanAndExit(code: number): void {
  rmSync(folder, { recursive: true, force: true });
  process.exit(code);
}

server.on('error', () => cleanAndExit(1));
server.on('exit', (code) => cleanAndExit(code ?? 1));
process.stdin.on('end', () => server.kill('SIGINT')).resume();
