/** unionpay · wire: the one road to UnionPay - sealed forms out, opened messages back. */
import type { Call, Clock, Random } from '@polyrail/core';
import { contradicts, textOf } from '@polyrail/kit/fields';
import type { Settings } from './config.ts';
import { encryptionOf } from './encryption.ts';
import { charsetOf, type Fields, type Message, readReply, writeForm } from './envelope.ts';
import type { Crossing, Exchange } from './exchange.ts';
import { requireEcho } from './messages.ts';
import type { Road } from './road.ts';
import type { Seal } from './seal.ts';
import type { Hider } from './sensitive.ts';
import { txnTimeOf } from './time.ts';
import { paths, type Transaction } from './transactions.ts';

/** A form for the payer's browser, signed. */
export interface HandOver {
  readonly url: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly charset: string;
}

export interface Wire {
  call(order: Exchange, call: Crossing): Promise<Message>;
  /** Sends nothing: the payer's browser does. */
  handOver(order: Exchange): Promise<HandOver>;
  /** Under what card data is hidden; asked for when it is not known, or not of today. */
  hider(call: Pick<Call, 'signal'>): Promise<Hider>;
  /** What UnionPay hid for the merchant. */
  reveal(base64: string): string | undefined;
}

/** A message is of two or three kilobytes. */
const maxBytes = 256 * 1024;

/** Merchants of their own: neither acquirers (1) nor platforms (2). */
const accessType = '0';

/** Fields that say the same in a request and its answer, where the answer has them. */
const echoed = ['txnAmt', 'currencyCode', 'origQryId', 'reqReserved'] as const;

/** An answer about something else than was asked is none, however well it is signed. */
function requireSameSubject(asked: Fields, told: Message, transaction: Transaction): void {
  const { merId, orderId, txnTime } = asked;
  const isFile = transaction.endpoint === 'file';
  requireEcho(told, { merId, orderId, ...(isFile ? {} : { txnTime }) });
  if (transaction.family !== 'query' || transaction.txnType !== '00') {
    requireEcho(told, { txnType: asked['txnType'], txnSubType: asked['txnSubType'] });
    if (textOf(told, 'origRespCode') !== undefined) {
      throw contradicts('The answer is one to a query, and this was none');
    }
  }
  for (const name of echoed) {
    const given = asked[name];
    const value = textOf(told, name);
    if (given === undefined || value === undefined || value === given) continue;
    throw contradicts(`The answer's ${name} is not the one that was sent`);
  }
}

export interface WireParts {
  readonly settings: Settings;
  readonly seal: Seal;
  readonly road: Road;
  readonly clock: Clock;
  readonly random: Random;
}

export function createWire({ settings, seal, road, clock, random }: WireParts): Wire {
  const { encoding, gatewayUrl, fileUrl, merId } = settings;
  const charset = charsetOf(encoding);
  const fieldsOf = ({ transaction, order, fields }: Exchange): Fields => ({
    txnType: transaction.txnType,
    txnSubType: transaction.txnSubType,
    bizType: transaction.bizType,
    channelType: transaction.channelType,
    accessType,
    merId,
    orderId: order.id,
    txnTime: txnTimeOf(order.startedAt),
    ...fields,
  });
  const urlOf = ({ endpoint }: Transaction): string =>
    endpoint === 'file' ? fileUrl : `${gatewayUrl}${paths[endpoint]}`;

  async function call(order: Exchange, crossing: Crossing): Promise<Message> {
    const { transaction } = order;
    const fields = fieldsOf(order);
    const body = writeForm(await seal.sealFields(fields), encoding);
    await crossing.prepared(order.handle);
    const maxBodyBytes = transaction.endpoint === 'file' ? settings.statementMaxBytes : maxBytes;
    const form = { url: urlOf(transaction), body, charset: encoding };
    const onFirstByte = () => crossing.sent();
    const reply = await road(form, { signal: crossing.signal, maxBodyBytes, onFirstByte });
    const message = readReply(reply, encoding);
    seal.requireSigned(message);
    requireSameSubject(fields, message, transaction);
    return message;
  }
  const encryption = encryptionOf({ settings, seal, clock, random, call });
  return {
    call,
    async handOver(order) {
      const fields = await seal.sealFields(fieldsOf(order));
      return { url: urlOf(order.transaction), fields, charset };
    },
    hider: encryption,
    reveal: seal.reveal,
  };
}
