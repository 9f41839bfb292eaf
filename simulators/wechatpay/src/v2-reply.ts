/** wechatpay simulator · v2 reply: XML with status 200, signed once communication succeeded. */
import type { SimulatedReply } from '@polyrail/simulator';
import { hex } from './numbers.ts';
import type { Refusal } from './refusals.ts';
import type { Room } from './room.ts';
import { twisted } from './stories.ts';
import type { V2Body, V2Call } from './v2-call.ts';
import { filled, v2Ids } from './v2-notification.ts';
import { v2Sign } from './v2-seal.ts';
import { type Fields, writeXml } from './v2-xml.ts';

/** Unsigned. */
export const plainXml = (fields: Fields): SimulatedReply => ({
  status: 200,
  headers: { server: 'nginx', 'content-type': 'text/plain' },
  body: writeXml(fields),
});

/** Communication failed: a message and no signature. */
export const returnFailed = (message: string): SimulatedReply =>
  plainXml({ return_code: 'FAIL', return_msg: message });

const strangerKey = '0123456789abcdef0123456789abcdef';

interface Answering {
  readonly call: V2Call;
  readonly room: Room;
  /** Some endpoints never sign. */
  readonly unsigned: boolean;
  /** Names that are sent instead of `appid` and `mch_id`. */
  readonly ids?: Fields;
}

function signed(fields: Fields, { call, room, unsigned }: Answering): SimulatedReply {
  const { exchange, signer, signType } = call;
  const told = twisted(fields, (fault) => exchange.fault(fault));
  exchange.describe({ reply: told });
  const apiKey = exchange.fault('foreign-signature') ? strangerKey : signer.apiKey;
  const members = { ...told, nonce_str: hex(room.world.random.fork('nonces'), 16) };
  const sign = v2Sign(members, signType, apiKey);
  const spoilt = sign.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
  const shown = exchange.fault('bad-signature') ? spoilt : sign;
  const without = unsigned || exchange.fault('unsigned-reply') !== undefined;
  return {
    status: 200,
    headers: { server: 'nginx', 'content-type': 'text/xml' },
    body: writeXml(without ? members : { ...members, sign: shown }),
  };
}

const headFields = (answering: Answering): Fields => {
  const { merchant } = answering.call;
  const ids = answering.ids ?? v2Ids({ merchant, terms: { appid: merchant.appid } });
  return { return_code: 'SUCCESS', return_msg: 'OK', ...ids };
};

export const succeeded = (body: V2Body, answering: Answering): SimulatedReply =>
  signed(filled({ ...headFields(answering), result_code: 'SUCCESS', ...body }), answering);

/** The business failed: signed like a success. */
export function failed({ v2 }: Refusal, answering: Answering): SimulatedReply {
  const members = { result_code: 'FAIL', err_code: v2.code, err_code_des: v2.message };
  return signed(filled({ ...headFields(answering), ...members }), answering);
}
