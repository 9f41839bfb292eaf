/**
 * simulator · post: one POST to a merchant's server, the way a channel does it - no redirects, no
 * patience.
 */
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

export interface PostRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Deadline of the whole exchange, wall time. Default 10 000. */
  readonly timeoutMs?: number;
  /** Cap of the answer. Default 64 KiB. */
  readonly maxBodyBytes?: number;
}

/**
 * Names that are reserved for what is not there (RFC 2606). Asking for them may take the seconds of a name
 * server that does not answer, on a thread that others wait for.
 */
const nowhere = /\.(?:invalid|example)\.?$/i;

/** Rejects when no whole answer came in time. */
export async function post(
  url: string,
  { headers, body, timeoutMs = 10_000, maxBodyBytes = 65_536 }: PostRequest,
): Promise<{ readonly status: number; readonly body: Uint8Array }> {
  const { hostname } = new URL(url);
  if (nowhere.test(hostname)) throw new Error(`nobody is at ${hostname}: the name is reserved`);
  const open = url.toLowerCase().startsWith('https:') ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const outgoing = open(url, {
      method: 'POST',
      agent: false,
      headers: { ...headers, 'content-length': String(body.length) },
      signal: AbortSignal.timeout(timeoutMs),
    });
    outgoing.on('error', reject);
    outgoing.on('response', (incoming) => {
      const chunks: Buffer[] = [];
      let size = 0;
      incoming.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > maxBodyBytes) incoming.destroy(new Error(`more than ${maxBodyBytes} bytes`));
        else chunks.push(chunk);
      });
      incoming.on('error', reject);
      incoming.on('end', () => {
        resolve({ status: incoming.statusCode ?? 0, body: Buffer.concat(chunks) });
      });
    });
    outgoing.end(body);
  });
}
