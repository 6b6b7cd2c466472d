/**
 * Takes the pictures of a link's page that the documents show, in Chromium, of a real node over a
 * library made for it. `node looks/pages.mjs ALBUMEN PHOTOS [OUT]`: the program, a folder of photos,
 * and where the pictures go, or else docs/images. CHROMIUM names the browser.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

const [program, photos, out = join(import.meta.dirname, '../../docs/images')] =
  process.argv.slice(2);
const library = mkdtempSync(join(tmpdir(), 'albumen-pages-'));
const tell = (...words) =>
  JSON.parse(execFileSync(program, ['--library', library, '--json', ...words], { maxBuffer: 1e9 }));

const desktop = { viewport: { width: 1440, height: 900 } };
const phone = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
};

mkdirSync(out, { recursive: true });
tell('init', '--person', 'Anna');
const { assets } = tell('import', photos);
const { id } = tell('album', 'create', 'A week outdoors');
tell('album', 'add', id, ...assets);
const link = (...words) =>
  tell('link', 'create', '--album', id, '--expires', '2030-12-24', ...words);
const open = link('--download', 'original', '--description', 'Take what you like!');
const shown = link('--show-metadata', '--download', 'screen');
const locked = link('--password', 'apple-otter');
const few = link('--people', '5');

const words = ['--library', library, '--json', 'serve', '--listen', '127.0.0.1:0'];
const node = spawn(program, words, { stdio: ['ignore', 'pipe', 'inherit'] });
const [line] = await new Promise((heard) =>
  createInterface({ input: node.stdout }).once('line', (text) => heard([text])),
);
const { url } = JSON.parse(line);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});

async function take(name, size, colorScheme, path, go = async () => {}) {
  const context = await browser.newContext({ ...size, colorScheme, locale: 'en-GB' });
  const page = await context.newPage();
  await page.goto(`${url}${path}`);
  await go(page);
  await page.waitForLoadState('networkidle');
  await page.screenshot({ path: join(out, `page-${name}.jpg`), quality: 85 });
  await context.close();
}

const first = async (page) => {
  await page.locator('.grid a').first().click();
  await page.locator('.stage img').last().waitFor();
};
try {
  for (const scheme of ['light', 'dark']) {
    await take(`desktop-${scheme}`, desktop, scheme, open.path);
    await take(`phone-${scheme}`, phone, scheme, open.path);
  }
  // A photo stands on black in either.
  await take('photo-desktop', desktop, 'light', shown.path, first);
  await take('photo-phone', phone, 'light', shown.path, first);
  await take('locked', phone, 'light', locked.path);
  await take('few', phone, 'light', few.path);
  await take('nothing', phone, 'light', `/share/${'A'.repeat(43)}`);
} finally {
  await browser.close();
  node.kill();
  rmSync(library, { recursive: true });
}
