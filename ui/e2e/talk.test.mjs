/** Comments and likes as friends give them: with scripts over the album, without scripts by plain forms. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  accessible,
  desktop,
  launch,
  moved,
  painted,
  phone,
  shoot,
  valid,
  visit,
} from './browser.mjs';
import { Sender } from './sender.mjs';

const sender = new Sender();
let browser;

before(async () => {
  await sender.start(12);
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await sender.stop();
});

/** What was said, as the owner hears it. */
const said = () => sender.tell('comment', 'list', '--album', sender.album);

async function write(page, name, text) {
  const form = page.locator('.talk .write').last();
  await form.locator('[name=name]').fill(name);
  await form.locator('textarea').fill(text);
  await form.locator('button').click();
}

const looks = [
  { name: 'phone-light', device: phone, colorScheme: 'light' },
  { name: 'phone-dark', device: phone, colorScheme: 'dark' },
  { name: 'desktop-light', device: desktop, colorScheme: 'light' },
  { name: 'desktop-dark', device: desktop, colorScheme: 'dark' },
];

for (const { name, device, colorScheme } of looks) {
  test(`a conversation is calm, light and accessible: ${name}`, async () => {
    const link = sender.link('--comments');
    const {
      context,
      page,
      said: wrong,
    } = await visit(browser, sender.url, {
      ...device,
      colorScheme,
    });
    const parts = [];
    page.on('response', (response) => {
      const kind = response.request().resourceType();
      if (['document', 'stylesheet'].includes(kind)) parts.push(response.body());
    });
    await page.goto(link.here, { waitUntil: 'load' });
    const bytes = (await Promise.all(parts)).reduce((sum, part) => sum + part.length, 0);
    assert.ok(bytes <= 50 * 1024, `markup and styles are ${bytes} bytes`);
    await painted(page);
    assert.deepEqual(await moved(page), [], 'the album moved');
    await valid(page, 'album with comments');
    await shoot(page, `talk-folded-${name}`);
    await page.locator('.talk summary').click();
    // Its own comment, which is told by what can be done with it.
    await write(page, 'Oma Inge', 'How you have all grown!\nSee you on Sunday.');
    await page.locator('.talk li .take').waitFor();
    await accessible(page, 'album with comments');
    await shoot(page, `talk-${name}`);

    await page.goto(link.here);
    const photo = await page.locator('.grid a').nth(3).getAttribute('href');
    await page.goto(sender.url + photo);
    await painted(page);
    await valid(page, 'photo with comments');
    await page.locator('.heart button').click();
    await page.locator('.heart [aria-pressed=true]').waitFor();
    await write(page, 'Ben', 'May I have it as a print?');
    await page.locator('.talk li .take').waitFor();
    await shoot(page, `talk-photo-${name}`);
    await page.locator('.talk .write').scrollIntoViewIfNeeded();
    await accessible(page, 'photo with comments');
    await shoot(page, `talk-photo-below-${name}`);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    assert.equal(wide, false, 'it is wider than the window');
    assert.deepEqual(await context.cookies(), [], 'a cookie');
    assert.deepEqual(wrong, []);
    await context.close();
  });
}

test('over the album one comments, likes, takes back and turns on, and the browser knows its own', async () => {
  const link = sender.link('--comments');
  const { context, page, said: wrong } = await visit(browser, sender.url, phone);
  await page.goto(link.here);
  assert.equal(
    await page.evaluate(() => Object.keys(localStorage).length),
    0,
    'nothing is kept of who only looks',
  );
  await page.locator('.grid a').nth(1).click();
  const over = page.locator('dialog .talk');
  await over.waitFor();
  const here = page.url();
  const before = said();

  await over.locator('.heart button').click();
  await over.locator('.heart [aria-pressed=true]').waitFor();
  await write(page, 'Cem', 'One moment <b>please</b>');
  await over.locator('li', { hasText: 'One moment <b>please</b>' }).waitFor();
  assert.equal(page.url(), here, 'the place was left');
  let now = said();
  assert.deepEqual([now.count - before.count, now.likes - before.likes], [1, 1]);

  // Letters, arrows and s are words here, and Escape leaves the field alone.
  const field = over.locator('textarea');
  await field.fill('s');
  await field.press('ArrowRight');
  await field.press('s');
  await field.press('Escape');
  assert.equal(page.url(), here);
  assert.equal(await field.inputValue(), 'ss');

  // Turned on and back, and after a reload, it is still this browser's.
  await page.keyboard.press('ArrowRight');
  await page.waitForURL((url) => url.href !== here);
  await page.keyboard.press('ArrowLeft');
  await page.waitForURL(here);
  await over.locator('li', { hasText: 'One moment' }).waitFor();
  await page.reload();
  const talk = page.locator('.talk');
  await talk.locator('.heart [aria-pressed=true]').waitFor();
  assert.equal(await talk.locator('[name=name]').last().inputValue(), 'Cem');
  await talk.locator('li', { hasText: 'One moment' }).locator('.take').click();
  await talk.locator('li', { hasText: 'One moment' }).waitFor({ state: 'detached' });
  await talk.locator('.heart button').click();
  await talk.locator('.heart [aria-pressed=false]').waitFor();
  now = said();
  assert.deepEqual([now.count, now.likes], [before.count, before.likes]);

  // Somebody else's cannot be taken back, nor by this browser's word at another link.
  sender.tell('comment', 'add', '--album', sender.album, 'From me');
  const other = await visit(browser, sender.url, phone);
  await other.page.goto(`${link.here}?talk=1`);
  await other.page.locator('.talk li', { hasText: 'From me' }).last().waitFor();
  assert.equal(await other.page.locator('.take').count(), 0);
  await other.context.close();
  assert.deepEqual(wrong, []);
  await context.close();
});

test('what could not be sent is said, and stays written', async () => {
  const link = sender.link('--comments');
  const { context, page } = await visit(browser, sender.url, phone);
  await page.goto(`${link.here}?talk=1`);
  await page.route('**/comment', (route) => route.abort());
  await write(page, 'Ben', 'Are you there?');
  const alert = page.locator('.talk .wrong:not([hidden])');
  await alert.waitFor();
  assert.match(await alert.textContent(), /could not be sent/);
  assert.equal(await page.locator('.talk textarea').inputValue(), 'Are you there?');
  await page.unroute('**/comment');
  sender.tell('link', 'edit', link.id, '--comments=false');
  await page.locator('.talk .write button').click();
  await page.getByText('takes no comments').waitFor();
  await accessible(page, 'refused');
  await context.close();
});

test('without scripts there are forms', async () => {
  const link = sender.link('--comments');
  const {
    context,
    page,
    said: wrong,
  } = await visit(browser, sender.url, {
    ...phone,
    javaScriptEnabled: false,
  });
  await page.goto(link.here);
  const before = said();
  await page.locator('.talk summary').click();
  await write(page, 'Tante Käthe', 'Wunderschön ❤️');
  await page.waitForURL(/\?talk=1#c-/);
  await page.locator('.talk li', { hasText: 'Wunderschön ❤️' }).waitFor();
  assert.equal(await page.locator('details[open]').count(), 1);
  await page.goto(link.here);
  const photo = await page.locator('.grid a').first().getAttribute('href');
  await page.locator('.grid a').first().click();
  await page.locator('.heart button').click();
  await page.waitForURL(`**${photo}#t-*`);
  await write(page, 'Tante Käthe', 'Dieses auch');
  await page.waitForURL(`**${photo}#c-*`);
  const now = said();
  assert.deepEqual([now.count - before.count, now.likes - before.likes], [2, 1]);
  assert.equal(now.comments.at(-1).by, 'Tante Käthe');
  assert.deepEqual(wrong, []);
  await context.close();
});
