import { describe, expect, it } from 'vitest';
import { requireSigned, sealFields, signatureOf } from '../src/seal.ts';
import { base, cny, gateway, ok, order, thrown } from './gateway.ts';

const sealedBy = (attach: string) => {
  const fields = { appid: 'wx1', attach, mch_id: '1900000109', total_fee: '100' };
  return { ...fields, sign: signatureOf(fields, base, 'HMAC-SHA256') };
};

describe('a value that reads like further fields', () => {
  it.each([
    'x&total_fee=90000&z=',
    '&mch_id=1',
    'tea&out_refund_no_0=refund_2',
    'a=1&sign_type=MD5',
  ])('is not believed, however well it is signed: %s', async (attach) => {
    expect(() => requireSigned(sealedBy(attach), base, 'HMAC-SHA256')).toThrow(
      /reads like further fields/,
    );
    expect(() => sealFields({ attach }, base, 'MD5')).toThrow(/attach reads like further fields/);
    const site = gateway(() => ok({}));
    const request = { ...order, scene: 'qr', amount: cny(900), attachment: attach } as const;
    expect(await thrown(site.channel().pay(request))).toMatchObject({
      code: 'REQUEST_INVALID',
      field: 'attach',
    });
    expect(site.heard).toHaveLength(0);
  });

  it.each(['a=1&b=茶', 'total_fee=1', 'tea & total_fee=1', 'x&subtotal_fee=1', ''])(
    'is not any with an ampersand: %s',
    (attach) => {
      requireSigned(sealedBy(attach), base, 'HMAC-SHA256');
      expect(sealFields({ attach: attach || 'x' }, base, 'MD5')['sign']).toHaveLength(32);
    },
  );
});
