/** unionpay simulator · discovery: what a client that never heard of us needs to be configured. */
import { controlRequests, problem } from '@polyrail/simulator';
import { gatewayPath } from './gateway.ts';
import { credentialsOf } from './merchants.ts';
import type { Room } from './room.ts';

/** With `{txnTime}` beside the number: only both together name an order. */
function control(baseUrl: string) {
  const timed = ({ body, ...rest }: { readonly body: string }) => ({
    ...rest,
    body: body.replace('id={tradeNo}', 'id={tradeNo}&txnTime={txnTime}'),
  });
  const { pay, decline, settle } = controlRequests(baseUrl);
  return { pay: timed(pay), decline: timed(decline), settle };
}

export function discover(room: Room): unknown {
  const [merchant] = room.merchants;
  if (merchant === undefined) throw problem({ message: 'There is no merchant yet.', status: 409 });
  const baseUrl = room.world.baseUrl();
  const all = credentialsOf(room.platform, merchant);
  return {
    channel: 'unionpay',
    baseUrl,
    gatewayPath,
    fileTransUrl: `${baseUrl}/`,
    merId: all.merId,
    merchantPrivateKey: all.merchantPrivateKey,
    merchantCert: all.merchantCert,
    merchantPfxBase64: all.merchantPfxBase64,
    merchantPfxPassword: all.merchantPfxPassword,
    rootCert: all.rootCert,
    middleCert: all.middleCert,
    encryptCert: all.encryptCert,
    platformCert: all.platformCert,
    // The clearing day it is: once settled, its file holds what was paid in this run.
    billDate: room.calendar.dayOf(room.world.clock.now()),
    control: control(baseUrl),
  };
}
