/** Visitors add photos: from a phone, over a bad network, without scripts, into a drop box. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { appendFileSync, copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { after, before, test } from 'node:test';
import { accessible, desktop, launch, moved, phone, shoot, valid, visit } from './browser.mjs';
import { Network } from './network.mjs';
import { Sender } from './sender.mjs';

const sender = new Sender();
const network = new Network();
let browser;
let folder;
let pictures;
/** A photo of more than one part: what follows a JPEG's end is part of the file. */
let large;

before(async () => {
  await sender.start(6);
  await network.start(sender.url);
  browser = await launch();
  folder = sender.photos('visitor', 30);
  pictures = readdirSync(folder).map((name) => join(folder, name));
  large = join(folder, 'IMG_9000.jpg');
  copyFileSync(pictures[0], large);
  appendFileSync(large, randomBytes(20 << 20));
});

after(async () => {
  await browser?.close();
  network.stop();
  await sender.stop();
});

const hash = (file) => createHash('sha256').update(readFileSync(file)).digest('hex');
const pick = (page, files) => page.locator('#files').setInputFiles(files);
const summed = (page, text) => page.locator('.sum', { hasText: text }).waitFor({ timeout: 60_000 });

/** What the receipt says: each file's name by its hash, in pairs. */
async function receipt(page, origin) {
  const path = await page.locator('.kept a.save').getAttribute('href');
  const text = await (await page.request.get(origin + path)).text();
  const lines = text.split('\n').filter((line) => line && !line.startsWith('#'));
  return lines.map((line) => line.split('  ')).sort();
}

const expected = (files) => files.map((file) => [hash(file), basename(file)]).sort();

test('the transport is the one that npm has', () => {
  const published = createRequire(import.meta.url).resolve('tus-js-client/dist/tus.min.js');
  const ours = new URL('../../src-tauri/web/static/tus.min.js', import.meta.url);
  assert.ok(readFileSync(ours).equals(readFileSync(published)));
});

for (const [name, device, colorScheme] of [
  ['phone-light', phone, 'light'],
  ['phone-dark', phone, 'dark'],
  ['desktop-light', desktop, 'light'],
  ['desktop-dark', desktop, 'dark'],
]) {
  test(`the page to add photos is calm and accessible: ${name}`, async () => {
    const link = sender.link('--upload');
    const { context, page, said } = await visit(browser, sender.url, { ...device, colorScheme });
    await page.goto(link.here);
    await page.getByRole('link', { name: 'Add your photos' }).click();
    await page.waitForURL(`${link.here}/add`);
    assert.deepEqual(await moved(page), [], 'the page moved');
    await accessible(page, 'nothing picked');
    await valid(page, 'add');
    await shoot(page, `add-${name}`);

    await pick(page, pictures.slice(0, 12));
    await summed(page, '12 of 12 received and verified');
    await page.locator('.kept').waitFor();
    await accessible(page, 'received');
    await shoot(page, `added-${name}`);
    await page.locator('.kept a.open').click();
    await page.waitForURL(/\/receipt\//);
    await accessible(page, 'receipt');
    await valid(page, 'receipt');
    await shoot(page, `receipt-${name}`);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    assert.equal(wide, false, 'the receipt is wider than the window');
    assert.deepEqual(await context.cookies(), []);
    assert.deepEqual(said, []);
    await context.close();
  });
}

test('thirty photos from a phone whose screen locks and whose network breaks', async () => {
  const link = sender.link('--upload');
  const { context, page, said } = await visit(browser, network.url, phone);
  const here = network.url + link.path;
  await page.goto(`${here}/add`);
  await page.getByLabel('Your name').fill('Ben');
  network.breaks(4, 60_000);
  await pick(page, pictures);
  await page.locator('[data-state=received]').nth(2).waitFor();

  const devtools = await context.newCDPSession(page);
  await devtools.send('Page.setWebLifecycleState', { state: 'frozen' });
  network.cut();
  await devtools.send('Page.setWebLifecycleState', { state: 'active' });
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));

  await summed(page, '30 of 30 received and verified');
  assert.equal(network.left, 0, 'the network did not break');
  assert.deepEqual(await receipt(page, network.url), expected(pictures), 'bit for bit, and once');

  // What was sent before is left out, and the name is known again.
  await page.reload();
  assert.equal(await page.getByLabel('Your name').inputValue(), 'Ben');
  await pick(page, pictures);
  await page.locator('.again', { hasText: '30 files are left out' }).waitFor();
  assert.equal(await page.locator('.files li').count(), 0);
  assert.deepEqual(said, []);
  await context.close();
});

test('a large file goes on after the tab was closed, and after the network was gone', async () => {
  const link = sender.link('--upload');
  const { context, page, said } = await visit(browser, network.url, desktop);
  await page.goto(`${network.url}${link.path}/add`);
  const parts = [];
  context.on('request', (request) => {
    if (request.method() === 'PATCH') parts.push(Number(request.headers()['upload-offset']));
  });
  // Its first part arrives, the second does not.
  let arrived = 0;
  await page.route('**/upload/*', (route) => {
    if (route.request().method() !== 'PATCH') return route.continue();
    arrived += 1;
    return arrived > 1 ? route.abort() : route.continue();
  });
  await pick(page, large);
  await page.locator('[data-state=retrying]').waitFor();
  await page.close();

  const again = await context.newPage();
  await again.goto(`${network.url}${link.path}/add`);
  await again.locator('.unfinished', { hasText: 'IMG_9000.jpg' }).waitFor();
  parts.length = 0;
  await again.route('**/upload/*', (route) => route.abort());
  await pick(again, large);
  await again.locator('[data-state=retrying]').waitFor();
  await again.unroute('**/upload/*');
  await again.evaluate(() => dispatchEvent(new Event('online')));
  await summed(again, '1 of 1 received and verified');
  assert.ok(Math.min(...parts) >= 8 << 20, `it began again at ${parts}`);
  assert.deepEqual(await receipt(again, network.url), expected([large]));
  assert.deepEqual(said, []);
  await context.close();
});

test('what arrives damaged is sent anew, and that is told', async () => {
  const link = sender.link('--upload');
  const { context, page, said } = await visit(browser, sender.url, desktop);
  await page.goto(`${link.here}/add`);
  let lies = 1;
  await page.route('**/upload/*', async (route) => {
    if (route.request().method() !== 'PATCH' || lies === 0) return route.continue();
    lies -= 1;
    const response = await route.fetch();
    const digest = `sha-256=:${randomBytes(32).toString('base64')}:`;
    return route.fulfill({ response, headers: { ...response.headers(), 'repr-digest': digest } });
  });
  await pick(page, pictures[0]);
  await summed(page, '1 of 1 received and verified');
  assert.equal(lies, 0);
  assert.deepEqual(await receipt(page, sender.url), expected([pictures[0]]));
  assert.deepEqual(said, []);
  await context.close();
});

test('what the link does not take is told before it is sent', async () => {
  const link = sender.link('--upload', '--upload-files', '2');
  const { context, page, said } = await visit(browser, sender.url, desktop);
  const notes = join(folder, 'notes.pdf');
  const empty = join(folder, 'empty.jpg');
  writeFileSync(notes, 'no photo');
  writeFileSync(empty, '');
  await page.goto(`${link.here}/add`);
  await page.getByText(/There is room for 2 files/).waitFor();
  await pick(page, [notes, empty, ...pictures.slice(0, 3)]);
  await summed(page, '2 of 2 received and verified');
  const why = await page.locator('[data-state=refused] .how').allTextContents();
  assert.deepEqual(why, [
    'This is neither a photo nor a video.',
    'This file is empty.',
    'The link takes only 2 more files.',
  ]);
  await page.reload();
  await page.locator('.full').waitFor();
  await valid(page, 'full');
  assert.deepEqual(said, []);
  await context.close();
});

test('a link that is paused stops what is on its way, with a sentence', async () => {
  const link = sender.link('--upload');
  const { context, page, said } = await visit(browser, sender.url, desktop);
  await page.goto(`${link.here}/add`);
  let paused = false;
  await page.route('**/upload', (route) => {
    if (!paused) sender.tell('link', 'edit', link.id, '--paused');
    paused = true;
    return route.continue();
  });
  await pick(page, pictures.slice(0, 5));
  const halted = page.locator('div.halted:not([hidden])');
  await halted.waitFor();
  assert.ok((await halted.locator('p').textContent()).length > 20, 'a sentence');
  await accessible(page, 'paused link');
  await page.unroute('**/upload');
  sender.tell('link', 'edit', link.id, '--paused=false');
  await halted.getByRole('button', { name: 'Try again' }).click();
  await summed(page, '5 of 5 received and verified');
  assert.deepEqual(said, []);
  await context.close();
});

test('one file rests, another is taken off the list, all rest and go on', async () => {
  const link = sender.link('--upload');
  const { context, page, said } = await visit(browser, sender.url, desktop);
  await page.goto(`${link.here}/add`);
  let open = false;
  const held = [];
  await page.route('**/upload', (route) => (open ? route.continue() : held.push(route)));
  await pick(page, pictures.slice(0, 6));
  await page.getByRole('button', { name: `Pause ${basename(pictures[0])}` }).click();
  assert.match(
    await page.evaluate(() => document.activeElement.getAttribute('aria-label')),
    /^Resume /,
  );
  await page.getByRole('button', { name: `Remove ${basename(pictures[1])}` }).click();
  await page.locator('.all', { hasText: 'Pause' }).click();
  open = true;
  await Promise.all(held.map((route) => route.abort()));
  await page.locator('.all', { hasText: 'Resume' }).click();
  await page.locator('[data-state=received]').nth(3).waitFor();
  await page.getByRole('button', { name: `Resume ${basename(pictures[0])}` }).click();
  await summed(page, '5 of 5 received and verified');
  const rest = [pictures[0], ...pictures.slice(2, 6)];
  assert.deepEqual(await receipt(page, sender.url), expected(rest));
  assert.deepEqual(said, []);
  await context.close();
});

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? 'with scripts' : 'without scripts';

  test(`sent, looked up, and withdrawn ${how}`, async () => {
    const link = sender.link('--upload');
    const { context, page, said } = await visit(browser, sender.url, {
      ...phone,
      javaScriptEnabled,
    });
    await page.goto(`${link.here}/add`);
    await page.getByLabel('Your name').fill('Cleo');
    await pick(page, pictures.slice(0, 4));
    if (javaScriptEnabled) {
      await summed(page, '4 of 4 received and verified');
      await page.locator('.kept a.open').click();
    } else {
      await page.getByRole('button', { name: 'Send' }).click();
    }
    await page.waitForURL(/\/receipt\/[0-9a-f]{32}$/);
    await page.locator('.sum', { hasText: '4 of 4 received and verified' }).waitFor();
    await page.getByLabel(basename(pictures[2])).check();
    await page.getByRole('button', { name: 'Withdraw the ticked ones' }).click();
    await page.getByText('1 file is withdrawn and gone.').waitFor();
    await page.locator('.sum', { hasText: '3 of 3 received and verified' }).waitFor();
    assert.equal(await page.getByLabel(basename(pictures[2])).count(), 0);
    await valid(page, 'withdrawn');

    await page.getByText('Withdraw everything').first().click();
    await page.getByRole('button', { name: 'Withdraw everything' }).click();
    await page.getByText('Nothing has arrived yet.').waitFor();
    assert.deepEqual(said, []);
    await context.close();
  });
}

test('a drop box shows nothing of others', async () => {
  const link = sender.link('--upload=only', '--download', 'original');
  const first = await visit(browser, sender.url, phone);
  await first.page.goto(link.here);
  assert.equal(await first.page.locator('.grid, a[rel=up]').count(), 0);
  await first.page.getByText(/what others send is not shown here/).waitFor();
  assert.equal(await first.page.locator('meta[property="og:image"]').count(), 0);
  await valid(first.page, 'drop box');
  await accessible(first.page, 'drop box');
  await shoot(first.page, 'add-only');
  await pick(first.page, pictures.slice(0, 2));
  await summed(first.page, '2 of 2 received and verified');

  const second = await visit(browser, sender.url, phone);
  await second.page.goto(link.here);
  assert.equal(await second.page.locator('.kept').isVisible(), false);
  await pick(second.page, pictures.slice(0, 1));
  await summed(second.page, '1 of 1 received and verified');
  assert.deepEqual(await receipt(second.page, sender.url), expected(pictures.slice(0, 1)));
  for (const { context, said } of [first, second]) {
    assert.deepEqual(said, []);
    await context.close();
  }
});

test('a link that takes nothing does not offer it', async () => {
  const link = sender.link();
  const { context, page } = await visit(browser, sender.url, phone);
  await page.goto(link.here);
  assert.equal(await page.getByRole('link', { name: 'Add your photos' }).count(), 0);
  assert.equal((await page.goto(`${link.here}/add`)).status(), 403);
  await valid(page, 'takes nothing');
  await context.close();
});
