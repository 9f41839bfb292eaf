import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openLogBook } from '../storm/log-book.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'polyrail-log-book-'));
  file = join(folder, 'storm.log');
});
afterEach(() => rmSync(folder, { recursive: true }));

const storm = { seed: 7, payments: 500, shard: '1/2' };
const report = (world: number) =>
  ({ world, payments: 250, hash: `h${world}`, counts: {}, violations: [], cpuMs: 3 }) as const;

it('a log book holds what was added to it, whoever opens it again', () => {
  const book = openLogBook(file, storm);
  expect(book.reports).toEqual([]);
  book.add(report(0));
  book.add(report(1));
  expect(openLogBook(file, storm).reports).toEqual([report(0), report(1)]);
});

it('a line that was cut off is run again, and spoils none that follows', () => {
  openLogBook(file, storm).add(report(0));
  const whole = readFileSync(file, 'utf8');
  appendFileSync(file, JSON.stringify(report(1)).slice(0, 20));
  const book = openLogBook(file, storm);
  expect(book.reports).toEqual([report(0)]);
  book.add(report(1));
  expect(openLogBook(file, storm).reports).toEqual([report(0), report(1)]);
  // Nothing of what was whole is lost.
  expect(readFileSync(file, 'utf8').startsWith(whole)).toBe(true);
});

it.each([
  { ...storm, seed: 8 },
  { ...storm, payments: 750 },
  { ...storm, shard: '2/2' },
])('the log book of another storm is refused: %o', (other) => {
  openLogBook(file, storm).add(report(0));
  expect(() => openLogBook(file, other)).toThrow('--resume');
  expect(openLogBook(file, storm).reports).toHaveLength(1);
});

it('what is no log book is refused', () => {
  writeFileSync(file, 'a shopping list\n');
  expect(() => openLogBook(file, storm)).toThrow('a shopping list');
});
