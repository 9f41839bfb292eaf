/** unionpay simulator · stories: what goes wrong on this channel, and what faults do to answers. */
import type { Exchange, FaultName, FaultRule, Story } from '@polyrail/simulator';
import { blacklisted, isRespCode, type Outcome, outcome, type RespCode, refuse } from './codes.ts';
import type { Fields } from './form.ts';

/** Faults beside the chassis' own, with the details a rule may carry. */
export const unionPayStories: readonly Story[] = [
  { name: 'system-busy' },
  { name: 'business-error', details: ['respCode', 'subCode'] },
  { name: 'blacklist' },
  { name: 'communication-timeout' },
  { name: 'state-unclear' },
  { name: 'fails-late', details: ['respCode'] },
  { name: 'slow', details: ['delayMs'] },
  { name: 'query-lag' },
  { name: 'unsigned-reply' },
  { name: 'wrong-name' },
  { name: 'sms-lost' },
  { name: 'file-not-ready' },
  { name: 'file-truncated' },
  { name: 'file-exceptions' },
];

/** Generic faults without a meaning here. */
export const meaninglessFaults: readonly FaultName[] = [];

/** A code that a rule names, where it names a known one. */
function codeOf(rule: FaultRule, usual: RespCode): RespCode {
  const said = String(rule['respCode'] ?? '');
  return isRespCode(said) ? said : usual;
}

/** What may end a request before its business begins: nothing moves. */
export function failBefore(exchange: Exchange, operation: string): void {
  const limited = operation === 'transactions.query' ? '37' : '06';
  const codes: readonly (readonly [string, RespCode])[] = [
    ['rate-limit', limited],
    ['maintenance', '02'],
    ['system-busy', '06'],
  ];
  for (const [fault, code] of codes) if (exchange.fault(fault)) throw refuse(code);
  if (exchange.fault('blacklist')) throw blacklisted();
  const error = exchange.fault('business-error');
  if (error === undefined) return;
  const subCode = error['subCode'];
  throw refuse(codeOf(error, '60'), typeof subCode === 'string' ? subCode : undefined);
}

/** What may hide a business that was done. */
export function failAfter(exchange: Exchange): void {
  const note = 'It was done all the same.';
  if (exchange.fault('communication-timeout')) throw refuse('03', undefined, { note });
  if (exchange.fault('state-unclear')) throw refuse('04', undefined, { note });
}

/** How an accepted entry ends, where a rule says so; else well. */
export function fateOf(exchange: Exchange): Outcome | undefined {
  const rule = exchange.fault('fails-late');
  return rule === undefined ? undefined : outcome(codeOf(rule, '60'));
}

/** How much longer the channel works on it, in milliseconds. */
export function delayOf(exchange: Exchange): number {
  const rule = exchange.fault('slow');
  return rule === undefined ? 0 : (rule.delayMs ?? 600_000);
}

const amountNames = ['txnAmt', 'settleAmt'];

/** The same message about another amount or another order, signed as if it were true. */
export function twisted(fields: Fields, take: (fault: string) => FaultRule | undefined): Fields {
  const told = amountNames.some((name) => fields[name] !== undefined);
  const amount = told ? take('wrong-amount') : undefined;
  const order = fields['orderId'] === undefined ? undefined : take('wrong-order');
  const entries = Object.entries(fields).map(([name, value]) => {
    if (amount !== undefined && amountNames.includes(name)) {
      const given = Number(amount['amount'] ?? Number.NaN);
      return [name, String(Number.isSafeInteger(given) ? given : Number(value) + 1)];
    }
    if (order !== undefined && name === 'orderId') {
      return [name, String(order['otherId'] ?? `${value.slice(0, 38)}x2`)];
    }
    return [name, value];
  });
  return Object.fromEntries(entries);
}
