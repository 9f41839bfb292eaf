/** reference channel · transport: what goes to acme where nobody hands us a road - TLS, one call each. */
import { request as httpsRequest } from 'node:https';
import { PolyrailError, revealText, type Transport } from '@polyrail/core';
import type { Settings } from './config.ts';
import type { Parts } from './parts.ts';

const unsent = () => new PolyrailError('NOT_SENT', 'No connection to acme could be made');
const noReply = () =>
  new PolyrailError('UNAVAILABLE', 'acme did not answer', { doubt: 'no-reply' });

/** Shows the merchant's certificate to whoever asks for one during the handshake. */
function tlsOf({ authority, clientCertificate }: Settings, parts: Parts) {
  const shown = parts.certificateToShow(clientCertificate);
  const identity = shown && { cert: shown.cert, key: revealText(shown.key) };
  return { ...identity, ...(authority === undefined ? {} : { ca: authority }) };
}

export function ownTransport(settings: Settings, parts: Parts): Transport {
  return {
    exchange: ({ method, url, headers, body = '' }, { signal, onFirstByte } = {}) =>
      new Promise((resolve, reject) => {
        let departed = false;
        const tls = tlsOf(settings, parts);
        const request = httpsRequest(url, { method, headers, agent: false, ...tls, signal });
        request.on('error', () => reject(departed ? noReply() : unsent()));
        request.on('socket', (socket) => {
          socket.on('secureConnect', () => {
            try {
              onFirstByte?.();
              departed = true;
              request.end(body);
            } catch (error) {
              request.destroy();
              reject(error);
            }
          });
        });
        request.on('response', (reply) => {
          const given = Object.entries(reply.headers).map(([name, value]) => [name, String(value)]);
          const { statusCode: status = 0 } = reply;
          resolve({ status, headers: Object.fromEntries(given), body: reply });
        });
      }),
  };
}
