import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dataTable, escapeHtml, html, page, rawHtml } from '../src/index.ts';

test('whatever is put in stays text', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const made = html`<p title="${text}">${text}</p>`['~html'];
      const inside = made.slice('<p title="'.length, -'</p>'.length);
      expect(inside.replace('">', '')).not.toMatch(/[<>"']/);
    }),
  );
  expect(escapeHtml(`<a href="x">'&'</a>`)).toBe(
    '&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;',
  );
});

test('markup nests, lists join, nothing is printed for nothing', () => {
  const item = (text: string) => html`<li>${text}</li>`;
  const list = html`<ul>${['a', '<b>'].map(item)}${undefined}${null}${false}</ul>`;
  expect(list['~html']).toBe('<ul><li>a</li><li>&lt;b&gt;</li></ul>');
  expect(html`${rawHtml('<hr>')}${0}`['~html']).toBe('<hr>0');
});

test('a look-alike of markup in data is still escaped where it matters', () => {
  const made = dataTable([
    { id: '<script>', rows: [1, 2] },
    { id: 'x', other: null },
  ])['~html'];
  expect(made).not.toContain('<script>');
  expect(made).toContain('<th scope="col">other</th>');
  expect(dataTable([])['~html']).toContain('none');
  expect(dataTable({ a: { b: { c: { d: { e: { f: { g: 1 } } } } } } })['~html']).toContain(
    '&quot;g',
  );
});

test('a page is whole, titled and fetches nothing', () => {
  const text = page({ title: 'Pay <1>', body: html`<h1>Pay</h1>`, lang: 'zh', narrow: true });
  expect(text).toMatch(/^<!doctype html>\n<html lang="zh">/);
  expect(text).toContain('<title>Pay &lt;1&gt;</title>');
  expect(text).not.toMatch(/<script|src=|@import|url\(/);
});
