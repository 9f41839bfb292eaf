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

/** Rejects when no whole answer came in time. */
export function post(
  url: string,
  { headers, body, timeoutMs = 10_000, maxBodyBytes = 65_536 }: PostRequest,
): Promise<{ readonly status: number; readonly body: Uint8Array }> {
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
