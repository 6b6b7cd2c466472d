/** Over a slow line a page comes in pieces: nothing that is seen already moves for what follows. */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { desktop, launch, moved, phone, visit } from './browser.mjs';
import { Network } from './network.mjs';
import { Sender } from './sender.mjs';

const sender = new Sender();
const network = new Network();
let browser;
/** What each page is called, and where it is. */
const pages = {};

before(async () => {
  await sender.start(4);
  await network.start(sender.url);
  browser = await launch();

  const album = sender.link('--upload', '--comments', '--show-metadata').path;
  const { context, page } = await visit(browser, network.url, phone);
  await page.goto(network.url + album);
  pages.album = album;
  pages.photo = await page.locator('.grid a').first().getAttribute('href');
  pages.select = await page.locator('a.select').getAttribute('href');
  pages.add = `${album}/add`;
  await page.goto(network.url + pages.add);
  const folder = sender.photos('visitor', 2);
  const pictures = readdirSync(folder).map((name) => join(folder, name));
  await page.locator('#files').setInputFiles(pictures);
  await page.locator('.kept').waitFor({ timeout: 60_000 });
  pages.receipt = await page.locator('.kept a.open').getAttribute('href');
  await context.close();

  pages.locked = sender.link('--password', 'sea and dunes', '--expires', '30d').path;
  pages.notice = `${album}x`;
});

after(async () => {
  await browser?.close();
  network.stop();
  await sender.stop();
});

for (const [name, device] of [
  ['phone', phone],
  ['desktop', desktop],
]) {
  test(`no page moves while it comes: ${name}`, async () => {
    const whole = { extraHTTPHeaders: { 'accept-encoding': 'identity' } };
    for (const [what, path] of Object.entries(pages)) {
      const { context, page } = await visit(browser, network.url, { ...device, ...whole });
      network.trickle(600);
      await page.goto(network.url + path, { waitUntil: 'load' });
      assert.deepEqual(await moved(page), [], `${what} moved`);
      network.trickle(Infinity);
      await context.close();
    }
  });
}
