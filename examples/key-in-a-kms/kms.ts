/** examples · kms: a key management service of a few lines - keys go in, signatures come out. */
import { constants, createPrivateKey, privateEncrypt } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** DER of `DigestInfo` for SHA-256 (RFC 8017, 9.2): what PKCS#1 v1.5 signs is this and the digest. */
const sha256Info = Buffer.from('3031300d060960864801650304020105000420', 'hex');

export interface Kms {
  /** `POST` a SHA-256 digest here, and the signature comes back. */
  readonly url: string;
  readonly count: { signatures: number };
  stop(): Promise<void>;
}

/** A real service holds the key in hardware and asks who you are; what travels is the same. */
export async function startKms(privateKeyPem: string): Promise<Kms> {
  const key = createPrivateKey(privateKeyPem);
  const count = { signatures: 0 };
  const server = createServer(async (request, response) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request as AsyncIterable<Uint8Array>) chunks.push(chunk);
    const digest = Buffer.concat(chunks);
    if (digest.byteLength !== 32) {
      response.writeHead(400).end('a SHA-256 digest has 32 bytes');
      return;
    }
    count.signatures += 1;
    const padding = constants.RSA_PKCS1_PADDING;
    response.end(privateEncrypt({ key, padding }, Buffer.concat([sha256Info, digest])));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys/merchant/sign`,
    count,
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
