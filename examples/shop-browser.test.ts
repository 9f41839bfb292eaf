/** examples · shop in a browser: orders paid and declined as people do it, in the system's Chromium. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import jsQr from 'jsqr';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { paymentIdOf } from './shop/orders.ts';
import { type Payers, startPayers } from './shop/payers.ts';
import { listen, openShop, type Shop } from './shop/shop.ts';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin', '/snap/bin'];
const usual = folders.flatMap((folder) => names.map((name) => join(folder, name)));
const onMac = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';
/** `CHROMIUM` names another one. */
const named = process.env['CHROMIUM'];
const places = named === undefined ? [...usual, onMac] : [named];
const executablePath = places.find((path) => existsSync(path));

if (executablePath === undefined) {
  console.warn(
    'SKIPPED: the shop in a browser. This machine has no Chromium (apt install chromium).',
  );
}

const folder = mkdtempSync(join(tmpdir(), 'polyrail-shop-'));
const goods = 'Pu’er cake & <gift box>';
let payers: Payers;
let shop: Shop;
let shopUrl: string;
let browser: Browser;
let context: BrowserContext;
let page: Page;
/** What a page complained about: scripts that the policy stopped, files that were missing. */
let complaints: string[] = [];

const size = 240;

/** Runs in the page, whose names this program's types do not know: the code's pixels, as greys. */
const greys = `(async (image) => {
  await image.decode();
  const canvas = Object.assign(document.createElement('canvas'), { width: ${size}, height: ${size} });
  const pen = canvas.getContext('2d');
  pen.drawImage(image, 0, 0, ${size}, ${size});
  const { data } = pen.getImageData(0, 0, ${size}, ${size});
  return Array.from({ length: ${size * size} }, (_, index) => data[index * 4]);
})(document.querySelector('img.qr'))`;

/** The package is a function, while its types describe a module with one. */
const scan = jsQr as unknown as typeof jsQr.default;

/** What a phone's camera reads off the page. */
async function readCode(): Promise<string | undefined> {
  const pixels = await page.evaluate<number[]>(greys);
  const colours = pixels.flatMap((grey) => [grey, grey, grey, 255]);
  return scan(Uint8ClampedArray.from(colours), size, size)?.data;
}

/** From the shelf to the order's page; gives the order's id. */
async function order(way: string): Promise<string> {
  await page.goto(shopUrl);
  await page.getByLabel(goods).check();
  await page.getByLabel(way).check();
  await page.getByRole('button', { name: 'Order and pay' }).click();
  await page.waitForURL(/\/orders\/\w+$/);
  return page.url().split('/').at(-1) ?? '';
}

/** Follows the QR code in a window of its own, and presses a button there. */
async function onThePhone(button: string): Promise<void> {
  const opened = context.waitForEvent('page');
  await page.getByRole('link', { name: 'Be the payer' }).click();
  const phone = await opened;
  await phone.getByRole('button', { name: button }).click();
  await phone.getByRole('status').waitFor();
  await phone.close();
}

const says = (words: string) => page.locator('#card').getByText(words).waitFor();
const stock = () => shop.orders.shelf().find(({ name }) => name === goods)?.stock ?? 0;
const mark = () => page.evaluate(() => Object.assign(globalThis, { neverReloaded: true }));
const isMarked = () => page.evaluate(() => 'neverReloaded' in globalThis);

/** One shop and one browser for the file, a fresh profile for each test. */
function openShopAndBrowser(): void {
  beforeAll(async () => {
    const heard = await listen(0);
    shopUrl = heard.shopUrl;
    payers = await startPayers(shopUrl, { shareKeys: true });
    const { channels, clock } = payers;
    shop = await openShop({
      ...{ ...heard, channels, clock, file: join(folder, 'shop.db') },
      phoneOf: ({ channel, nextAction }) => payers.scannedPage(channel, nextAction),
    });
    browser = await chromium.launch({
      ...(executablePath === undefined ? {} : { executablePath }),
      args: ['--no-sandbox'],
    });
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await shop?.close();
    await payers?.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    context = await browser.newContext();
    context.setDefaultTimeout(20_000);
    complaints = [];
    page = await context.newPage();
    page.on('console', (line) => line.type() === 'error' && complaints.push(line.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
  });
  afterEach(() => context.close());
}

describe.skipIf(executablePath === undefined)('the shop in a browser', () => {
  openShopAndBrowser();

  it('shows a code, and says that it is paid without being loaded again', async () => {
    const before = stock();
    const id = await order('Alipay, QR code');
    await says('Waiting for you to pay');
    expect(await page.locator('p', { hasText: goods }).count()).toBe(1);
    const entry = await shop.gateway.find('payment', paymentIdOf(id, 1));
    expect(entry?.nextAction).toEqual({ kind: 'qr', text: await readCode() });
    await mark();
    await onThePhone('Pay');
    await says('Your tea is on its way');
    expect([await isMarked(), await page.locator('img.qr').count()]).toEqual([true, 0]);
    expect([stock(), payers.alipay.book(paymentIdOf(id, 1))?.debits]).toEqual([before - 1, 1]);
    expect(complaints).toEqual([]);
  });

  it('tells of a payer who declines, and lets him pay another way', async () => {
    const id = await order('Alipay, QR code');
    await onThePhone('Decline');
    await says('Not paid');
    expect(payers.alipay.book(paymentIdOf(id, 1))?.debits ?? 0).toBe(0);
    await page.getByLabel('WeChat Pay, QR code').check();
    await page.getByRole('button', { name: 'Pay', exact: true }).click();
    await says('Waiting for you to pay');
    await onThePhone('Agree');
    await says('Your tea is on its way');
    expect(payers.wechatpay.book(paymentIdOf(id, 2))?.debits).toBe(1);
    await page.goto(`${shopUrl}/payments`);
    for (const [number, state] of [[1, 'failed'] as const, [2, 'succeeded'] as const]) {
      const told = page.locator(`[id="${paymentIdOf(id, number)}"]`);
      expect(await told.locator('.state').textContent()).toBe(state);
      const kinds = await told.locator('td:nth-child(2)').allTextContents();
      expect(kinds.slice(0, 4)).toEqual(['request', 'attempt', 'reply', 'transition']);
      expect(kinds).toContain('notification');
      expect(await told.getByText(`from pending, to ${state}`).count()).toBe(1);
    }
    expect(complaints).toEqual([]);
  });

  it('hands the browser to UnionPay’s page and takes it back', async () => {
    const id = await order('UnionPay, its page');
    await page.getByRole('button', { name: 'Go and pay' }).click();
    expect(new URL(page.url()).origin).toBe(payers.unionpay.url);
    await page.getByRole('button', { name: 'Agree' }).click();
    // The bank takes a moment; the page that is asked for again has the way back.
    const back = page.getByRole('button', { name: 'Back to the merchant' });
    await expect
      .poll(async () => (await back.count()) || page.reload().then(() => 0), { timeout: 10_000 })
      .toBe(1);
    await back.click();
    await page.waitForURL(`${shopUrl}/orders/${id}`);
    await says('Your tea is on its way');
    expect(payers.unionpay.book(paymentIdOf(id, 1))?.debits).toBe(1);
  });

  it('polls where no stream comes through', async () => {
    await page.route('**/live', (route) => route.fulfill({ status: 502 }));
    const asked: string[] = [];
    page.on('response', (reply) => {
      if (reply.url().endsWith('/state')) asked.push(reply.headers()['retry-after'] ?? 'no more');
    });
    await order('WeChat Pay, QR code');
    await mark();
    await expect.poll(() => asked.length, { timeout: 10_000 }).toBeGreaterThan(0);
    await onThePhone('Agree');
    await says('Your tea is on its way');
    expect(await isMarked()).toBe(true);
    expect([asked[0], asked.at(-1)]).toEqual(['1', 'no more']);
  });
});
