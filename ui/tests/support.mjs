// The mock build in a real browser, under the policy that the product's window has.

import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const dist = fileURLToPath(new URL('../dist-mock', import.meta.url));
const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
};

/** As in the product, save for the way to the program. */
export const POLICY =
  "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Serves the mock build on the loopback. */
export async function serve() {
  const server = createServer(async (request, answer) => {
    const path = normalize(new URL(request.url, 'http://x').pathname);
    try {
      const body = await readFile(join(dist, path === '/' ? 'index.html' : path));
      answer.writeHead(200, {
        'content-type': TYPES[extname(path)] ?? TYPES['.html'],
        'content-security-policy': POLICY,
      });
      answer.end(body);
    } catch {
      answer.writeHead(404).end();
    }
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}

export async function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--force-device-scale-factor=1'],
  });
}

/** A page of a fresh profile, with everything that goes wrong in it collected. */
export async function open(browser, url, { query = '', hash = '#/', size = [1366, 768], dark = false, draft } = {}) {
  const context = await browser.newContext({
    viewport: { width: size[0], height: size[1] },
    colorScheme: dark ? 'dark' : 'light',
    reducedMotion: 'reduce',
    locale: 'en-GB',
  });
  const page = await context.newPage();
  if (draft) {
    await page.addInitScript(
      (d) => localStorage.getItem('mock-draft') ?? localStorage.setItem('mock-draft', d),
      JSON.stringify(draft),
    );
  }
  const wrong = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') wrong.push(message.text());
  });
  page.on('pageerror', (error) => wrong.push(String(error)));
  await page.goto(`${url}?${query}${hash}`);
  await page.waitForSelector('main h1');
  await page.evaluate(() => document.fonts.ready);
  return { page, context, wrong };
}

/** Chooses a card: its label lies over all of it. */
export const pick = (page, id) => page.click(`label[for="${id}"]`);

/** Goes through the wizard by clicks until Review, or the step that is named, stands there. */
export async function toReview(page, { place = 'cluster', until = 'review' } = {}) {
  await page.click('text=Start an installation');
  await pick(page, `place-${place}`);
  await page.click('button[type=submit]');
  if (place !== 'rehearsal') {
    await page.waitForSelector('#context-0');
    await pick(page, 'context-0');
    await page.waitForSelector('text=Connected');
    await page.click('button[type=submit]');
  }
  await page.waitForSelector('[id^="module-m_"]');
  if (place !== 'rehearsal') await page.click('text=Download the charts');
  await page.waitForSelector('#goes-in-memory');
  await page.click('button[type=submit]');
  await page.waitForSelector('#city');
  if (until === 'details') return;
  await page.fill('#city', 'City A');
  await page.fill('#state', 'State A');
  await page.click('button[type=submit]');
  if (until === 'checks') return;
  await page.waitForSelector('h1 >> text=Everything is ready to begin');
  await page.click('button[type=submit]');
  await page.waitForSelector('#review-objects');
}

/** Where pictures go, to be looked at. */
export const shots = fileURLToPath(new URL('../shots', import.meta.url));

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe finds, one line each. The policy forbids script tags, so the source is evaluated. */
export async function audit(page) {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const { violations } = await globalThis.axe.run(document, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    });
    return violations.flatMap((v) =>
      v.nodes.map((n) => `${v.id}: ${n.target.join(' ')} ${(n.any[0] ?? n.all[0] ?? n.none[0])?.message ?? ''}`),
    );
  });
}
