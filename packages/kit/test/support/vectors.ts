/** kit · tests: known answers of other SDKs, by kind. */
import alipay from '../vectors/alipay.json' with { type: 'json' };
import unionpay from '../vectors/unionpay.json' with { type: 'json' };
import wechatpay from '../vectors/wechatpay.json' with { type: 'json' };

export interface Vector {
  readonly id: string;
  readonly kind: string;
  readonly [field: string]: unknown;
}

const all: readonly Vector[] = [...alipay.vectors, ...unionpay.vectors, ...wechatpay.vectors];

export const vectorsOf = (kind: string): Vector[] => {
  const found = all.filter((vector) => vector.kind === kind);
  if (found.length === 0) throw new Error(`no vectors of kind ${kind}`);
  return found;
};

export const text = (vector: Vector, field: string): string => {
  const value = vector[field];
  if (typeof value !== 'string') throw new Error(`${vector.id} has no text ${field}`);
  return value;
};
