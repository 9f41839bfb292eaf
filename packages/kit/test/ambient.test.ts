/** Clock, randomness, comparison and log: the small rooms. */
import { describe, expect, it, vi } from 'vitest';
import { systemClock } from '../src/clock.ts';
import { constantTimeEqual } from '../src/compare.ts';
import { lineLogger, silentLogger } from '../src/logger.ts';
import { nonce, systemRandom, uuid } from '../src/random.ts';

const zeros = { bytes: (length: number) => new Uint8Array(length) };
const counting = { bytes: (length: number) => Uint8Array.from({ length }, (_, at) => at) };

describe('the clock', () => {
  it('is the machine’s, and forgets what is cancelled', () => {
    vi.useFakeTimers({ now: 1_000 });
    try {
      const ran: string[] = [];
      systemClock.schedule(10, () => ran.push('ten'));
      const cancel = systemClock.schedule(20, () => ran.push('twenty'));
      systemClock.schedule(-5, () => ran.push('at once'));
      expect(systemClock.now()).toBe(1_000);
      vi.advanceTimersByTime(10);
      cancel();
      vi.advanceTimersByTime(100);
      expect(ran).toEqual(['at once', 'ten']);
    } finally {
      vi.useRealTimers();
    }
  });

  it('waits for what lies further away than a timer reaches', () => {
    vi.useFakeTimers();
    try {
      const days = 40 * 86_400_000;
      let ran = 0;
      systemClock.schedule(days, () => {
        ran += 1;
      });
      vi.advanceTimersByTime(days - 1);
      expect(ran).toBe(0);
      vi.advanceTimersByTime(1);
      expect(ran).toBe(1);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('randomness', () => {
  it('makes UUIDs of version 4 and nonces of five bits a character', () => {
    expect(uuid(zeros)).toBe('00000000-0000-4000-8000-000000000000');
    expect(uuid(counting)).toBe('00010203-0405-4607-8809-0a0b0c0d0e0f');
    expect(nonce(counting, 34)).toBe('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567AB');
    expect(uuid(systemRandom)).not.toBe(uuid(systemRandom));
    expect(systemRandom.bytes(16)).toHaveLength(16);
  });
});

describe('comparison', () => {
  it('goes by bytes, whatever the lengths', () => {
    expect(constantTimeEqual('a', new Uint8Array([0x61]))).toBe(true);
    expect(constantTimeEqual('a', 'b')).toBe(false);
    expect(constantTimeEqual('a', 'aa')).toBe(false);
    expect(constantTimeEqual('', new Uint8Array())).toBe(true);
  });
});

describe('a log', () => {
  it('is lines of JSON from its level on, stamped by its clock', () => {
    const lines: string[] = [];
    const clock = { now: () => 0, schedule: () => () => {} };
    const log = lineLogger((line) => lines.push(line), { level: 'warn', clock });
    log.info('left out');
    log.warn('kept', { big: 1n, error: new TypeError('why'), event: 'another', at: 'never' });
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      {
        at: '1970-01-01T00:00:00.000Z',
        level: 'warn',
        event: 'kept',
        big: '1',
        error: { name: 'TypeError', message: 'why' },
      },
    ]);
  });

  it('survives what cannot be written, and can say nothing at all', () => {
    const lines: string[] = [];
    const loop: Record<string, unknown> = {};
    loop['self'] = loop;
    lineLogger((line) => lines.push(line)).error('bad', loop);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ event: 'bad' });
    expect(silentLogger.error('nothing')).toBeUndefined();
  });
});
