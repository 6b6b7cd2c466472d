/** The link's page as friends meet it: on a phone and a desktop, light and dark, with scripts and without. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
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
import { images, Sender } from './sender.mjs';

const count = 24;
const password = 'sea and dunes';
const sender = new Sender();
let browser;

before(async () => {
  await sender.start(count);
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await sender.stop();
});

const looks = [
  { name: 'phone-light', device: phone, colorScheme: 'light' },
  { name: 'phone-dark', device: phone, colorScheme: 'dark' },
  { name: 'desktop-light', device: desktop, colorScheme: 'light' },
  { name: 'desktop-dark', device: desktop, colorScheme: 'dark' },
];

for (const { name, device, colorScheme } of looks) {
  test(`an open link is calm, light and accessible: ${name}`, async () => {
    const link = sender.link('--expires', '30d');
    const { context, page, said } = await visit(browser, sender.url, { ...device, colorScheme });
    const parts = [];
    page.on('response', (response) => {
      const kind = response.request().resourceType();
      if (['document', 'stylesheet'].includes(kind)) parts.push(response.body());
    });
    await page.goto(link.here, { waitUntil: 'load' });
    const lengths = (await Promise.all(parts)).map((part) => part.length);
    assert.equal(lengths.length, 2, 'one page and one style sheet');
    const bytes = lengths[0] + lengths[1];
    assert.ok(bytes <= 50 * 1024, `markup and style are ${bytes} bytes`);
    await painted(page);
    assert.equal(await page.locator('h1').textContent(), 'By the sea');
    assert.equal(await page.locator('.grid img').count(), count);
    assert.deepEqual(await moved(page), [], 'the grid moved');
    await accessible(page, 'grid');
    await shoot(page, name);

    await valid(page, 'album');
    await page.locator('.grid a').nth(2).click();
    await page.waitForURL(/\/photo\//);
    await page.locator('.bar h1').waitFor();
    await painted(page);
    await valid(page, 'photo');
    assert.deepEqual(await moved(page), [], 'the photo moved');
    await accessible(page, 'photo');
    await shoot(page, `photo-${name}`);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    assert.equal(wide, false, 'the photo is wider than the window');

    assert.deepEqual(await context.cookies(), [], 'a cookie without a password');
    assert.deepEqual(said, []);
    await context.close();
  });
}

for (const { name, device, colorScheme } of looks) {
  test(`the map leads from circles to photos: ${name}`, async () => {
    const link = sender.link('--show-metadata');
    const { context, page, said } = await visit(browser, sender.url, { ...device, colorScheme });
    await page.goto(link.here);
    await page.getByRole('link', { name: 'Map' }).click();
    await page.getByRole('heading', { name: 'By the sea · Map' }).waitFor();
    await painted(page);
    assert.ok((await page.locator('.world circle').count()) > 0, 'nothing is on the map');
    assert.ok((await page.locator('.grid img').count()) > 0, 'no photo is below it');
    await accessible(page, 'map');
    await valid(page, 'map');
    await shoot(page, `map-${name}`);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    assert.equal(wide, false, 'the map is wider than the window');
    const circle = page.locator('.world a').first();
    if ((await circle.count()) > 0) {
      const words = await circle.getAttribute('aria-label');
      const count = Number(/(\d+) photo/.exec(words)[1]);
      await circle.click();
      await page.getByRole('link', { name: 'Whole map' }).waitFor();
      assert.equal(await page.locator('.grid img').count(), count);
    }
    assert.deepEqual(said, []);
    await context.close();
  });
}

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? 'with scripts' : 'without scripts';

  test(`browse, turn, go back and download ${how}`, async () => {
    const link = sender.link('--download', 'screen');
    const { context, page, said } = await visit(browser, sender.url, {
      ...phone,
      javaScriptEnabled,
    });
    await page.goto(link.here);
    const addresses = await page
      .locator('.grid a')
      .evaluateAll((all) => all.map((link) => link.getAttribute('href')));
    assert.equal(new Set(addresses).size, count, 'each photo has its own address');

    await page.locator('.grid a').first().click();
    await page.waitForURL(`**${addresses[0]}`);
    await page.locator('.bar h1', { hasText: /1 of 24/ }).waitFor();
    assert.equal(await page.locator('a[rel=prev]').count(), 0);
    await page.locator('a[rel=next]').click();
    await page.waitForURL(`**${addresses[1]}`);
    await page.locator('.bar h1', { hasText: /2 of 24/ }).waitFor();
    await page.locator('a[rel=prev]').click();
    await page.waitForURL(`**${addresses[0]}`);
    await page.goBack();
    // With scripts the photos lie over the album, and Back closes them.
    await page.waitForURL(javaScriptEnabled ? link.here : `**${addresses[1]}`);
    if (javaScriptEnabled) {
      await page.goForward();
      await page.locator('.bar h1', { hasText: /1 of 24/ }).waitFor();
    }

    const saving = page.waitForEvent('download');
    await page.locator('.bar a[download]').click();
    const saved = await saving;
    assert.match(saved.suggestedFilename(), /^photo-\d+\.(jpg|webp)$/);
    const head = readFileSync(await saved.path())
      .subarray(0, 12)
      .toString('latin1');
    assert.match(head, /^(\xff\xd8\xff|RIFF....WEBP)/s, 'the download is a picture');

    const item = new URL(page.url()).pathname.split('/').pop();
    await page.locator('a[rel=up]').click();
    await page.waitForURL((url) => !url.pathname.includes('/photo/'));
    if (!javaScriptEnabled) assert.equal(new URL(page.url()).hash, `#p-${item}`);
    if (javaScriptEnabled) {
      await page.waitForFunction(() => document.activeElement.id);
      const focused = await page.evaluate(() => document.activeElement.id);
      assert.equal(focused, `p-${item}`, 'the focus came back');
    }
    assert.deepEqual(said, []);
    await context.close();
  });

  test(`a wrong password, the right one, and nothing before it ${how}`, async () => {
    const link = sender.link('--password', password, '--expires', '30d');
    const { context, page, said } = await visit(browser, sender.url, {
      ...phone,
      javaScriptEnabled,
    });
    await page.goto(link.here);
    assert.equal(await page.getByText('By the sea').count(), 0);
    assert.equal(await page.locator('img').count(), 0);
    await valid(page, 'password');
    if (javaScriptEnabled) {
      await accessible(page, 'password');
      await shoot(page, 'locked');
    }
    await page.locator('input[type=password]').fill('certainly not');
    await page.locator('form button:not([type=button])').click();
    await page.locator('[role=alert]').waitFor();
    if (javaScriptEnabled) await accessible(page, 'wrong password');
    await page.locator('input[type=password]').fill(password);
    await page.locator('form button:not([type=button])').click();
    await page.locator('.grid').waitFor();
    assert.equal(await page.locator('h1').textContent(), 'By the sea');
    const cookies = await context.cookies();
    assert.equal(cookies.length, 1);
    assert.ok(cookies[0].httpOnly && cookies[0].sameSite === 'Lax');
    assert.deepEqual(said, []);
    await context.close();
  });
}

test('a finger turns the photos of the viewer, and draws one down to close it', async () => {
  const link = sender.link();
  const { context, page, said } = await visit(browser, sender.url, phone);
  const finger = await context.newCDPSession(page);
  const touch = (type, ...touchPoints) =>
    finger.send('Input.dispatchTouchEvent', { type, touchPoints });
  const swipe = async (from, to) => {
    await touch('touchStart', from);
    for (const part of [0.25, 0.5, 0.75, 1]) {
      const x = from.x + part * (to.x - from.x);
      const y = from.y + part * (to.y - from.y);
      await touch('touchMove', { x, y });
    }
    await touch('touchEnd');
  };
  const shows = (place) =>
    page.locator('.bar h1', { hasText: `${place} of ${count}` }).waitFor({ timeout: 10_000 });
  const [left, right] = [
    { x: 60, y: 400 },
    { x: 330, y: 410 },
  ];

  await page.goto(link.here);
  await page.locator('.grid a').nth(5).click();
  await shows(6);
  await swipe(right, left);
  await shows(7);
  const turned = page.url();
  await swipe(left, right);
  await shows(6);
  assert.notEqual(page.url(), turned, 'each photo has its own address');
  // Too short, or more down than sideways: nothing is turned.
  await swipe({ x: 200, y: 400 }, { x: 170, y: 400 });
  await swipe({ x: 200, y: 300 }, { x: 140, y: 370 });
  await page.waitForTimeout(300);
  await shows(6);
  await swipe({ x: 200, y: 300 }, { x: 205, y: 480 });
  await page.waitForURL((url) => !url.pathname.includes('/photo/'));
  assert.equal(await page.locator('dialog[open]').count(), 0, 'still open');

  // On a page of its own, without the album beneath, too.
  await page.goto(turned);
  await shows(7);
  await swipe(right, left);
  await shows(8);
  await swipe(left, right);
  await shows(7);
  // Chromium tells so of a touch that scrolled.
  const own = said.filter((line) => !line.includes('cancelable=false'));
  assert.deepEqual(own, []);
  await context.close();
});

test('arrow keys turn and Escape closes', async () => {
  const link = sender.link();
  const { context, page, said } = await visit(browser, sender.url, desktop);
  await page.goto(link.here);
  await page.locator('.grid a').first().focus();
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/photo\//);
  const first = page.url();
  await page.keyboard.press('ArrowRight');
  await page.waitForURL((url) => url.href.includes('/photo/') && url.href !== first);
  await page.keyboard.press('ArrowLeft');
  await page.waitForURL(first);
  await page.keyboard.press('Escape');
  await page.waitForURL(link.here);
  await page.waitForFunction(() => document.activeElement.id.startsWith('p-'));
  assert.deepEqual(said, []);
  await context.close();
});

const withFfmpeg = (() => {
  try {
    execFileSync('ffmpeg', ['-version'], { stdio: 'ignore' });
    execFileSync('ffprobe', ['-version'], { stdio: 'ignore' });
    return {};
  } catch {
    return { skip: 'ffmpeg and ffprobe are not here' };
  }
})();

describe('an album with videos', withFfmpeg, () => {
  const cinema = new Sender();
  const watch = (page, place) => page.locator('.grid a[data-length]').nth(place).click();

  before(async () => {
    await cinema.start(6);
    cinema.film('VID_20260503_101500.mp4', '-c:v', 'libx264', '-pix_fmt', 'yuv420p');
    cinema.film('VID_20260503_111500.avi', '-c:v', 'mpeg4');
    cinema.blank('IMG_0007.dng');
  });

  after(() => cinema.stop());

  for (const { name, device, colorScheme } of looks) {
    test(`it is calm and accessible: ${name}`, async () => {
      const link = cinema.link('--download', 'original');
      const { context, page, said } = await visit(browser, cinema.url, { ...device, colorScheme });
      await page.goto(link.here, { waitUntil: 'load' });
      await painted(page);
      assert.match(await page.locator('.facts').textContent(), /7 photos, 2 videos/);
      const films = page.locator('.grid a[data-length]');
      assert.deepEqual(await films.evaluateAll((all) => all.map((film) => film.dataset.length)), [
        '0:06',
        '0:06',
      ]);
      assert.deepEqual(await moved(page), [], 'the grid moved');
      await accessible(page, 'grid');
      await shoot(page, `videos-${name}`);

      await watch(page, 0);
      await page.locator('video').waitFor();
      assert.deepEqual(await moved(page), [], 'the video moved');
      await page.waitForLoadState('networkidle');
      // Chromium's wheel turns for a moment though nothing is read.
      if (images) await page.waitForTimeout(1500);
      await shoot(page, `video-${name}`);
      await accessible(page, 'video');

      await page.goto(link.here);
      await page.getByText('DNG').click();
      await page.getByText('There is no preview of this file.').waitFor();
      await accessible(page, 'no preview');
      await shoot(page, `bare-${name}`);
      assert.deepEqual(said, []);
      await context.close();
    });
  }

  test('a video plays when it is asked to, and not before', async () => {
    const link = cinema.link('--download', 'none');
    const { context, page, said } = await visit(browser, cinema.url, desktop);
    const watched = [];
    page.on('request', (request) => {
      if (request.url().endsWith('/video')) watched.push(request.url());
    });
    await page.goto(link.here);
    await watch(page, 0);
    const video = page.locator('video');
    await page.waitForLoadState('networkidle');
    assert.deepEqual(watched, [], 'read before it was asked for');
    assert.equal(await video.evaluate((film) => film.paused), true);
    assert.equal(await page.locator('a[download]').count(), 0, 'a download');

    await video.evaluate((film) => film.play());
    await page.waitForFunction(() => document.querySelector('video').currentTime > 0.2);
    await video.evaluate((film) => film.pause());
    // Within the player the arrows seek; Escape closes the page as ever.
    const before = page.url();
    await video.focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowLeft');
    await page.waitForTimeout(300);
    assert.equal(page.url(), before, 'an arrow within the player turned the page');
    await page.keyboard.press('Escape');
    await page.waitForURL(link.here);
    await watch(page, 0);
    await page.locator('video').waitFor();
    await page.keyboard.press('ArrowRight');
    await page.waitForURL((url) => url.href.includes('/photo/') && url.href !== before);
    assert.deepEqual(said, []);
    await context.close();
  });

  test('a converted video plays, and the page says so when it cannot be read', async () => {
    const link = cinema.link();
    const { context, page, said } = await visit(browser, cinema.url, phone);
    await page.goto(link.here);
    await watch(page, 1);
    // The page opens by itself when the conversion is done.
    await page.locator('video').waitFor({ timeout: 60_000 });
    await page.locator('video').evaluate((film) => film.play());
    await page.waitForFunction(() => document.querySelector('video').currentTime > 0.2);

    for (const [status, words] of [
      [503, /is being prepared; it plays here in a moment/],
      [404, /could not be loaded/],
    ]) {
      await page.route('**/video', (route) => route.fulfill({ status, body: '' }));
      await page.reload();
      await page.locator('video').evaluate((film) => void film.play().catch(() => null));
      const word = page.locator('.word:not([hidden])');
      await word.waitFor();
      assert.match(await word.textContent(), words);
      await accessible(page, `answered with ${status}`);
      await shoot(page, `video-${status}`);
      await page.unroute('**/video');
    }
    assert.deepEqual(said, []);
    await context.close();
  });

  test('without scripts there is a player with its poster', async () => {
    const link = cinema.link();
    const { context, page, said } = await visit(browser, cinema.url, {
      ...phone,
      javaScriptEnabled: false,
    });
    await page.goto(link.here);
    await watch(page, 0);
    const video = page.locator('video[controls][playsinline][poster]');
    assert.equal(await video.count(), 1);
    const source = await video.locator('source').getAttribute('src');
    const answer = await page.request.get(cinema.url + source, { headers: { range: 'bytes=0-1' } });
    assert.equal(answer.status(), 206);
    assert.equal(answer.headers()['content-type'], 'video/mp4');
    assert.deepEqual(said, []);
    await context.close();
  });
});

test('a link that expires says so, and what to do', async () => {
  const link = sender.link('--expires', 'never');
  const { context, page, said } = await visit(browser, sender.url, phone);
  assert.equal((await page.goto(link.here)).status(), 200);
  const soon = new Date(Date.now() + 1000).toISOString();
  sender.tell('link', 'edit', link.id, '--expires', soon);
  let answer;
  do {
    answer = await page.goto(link.here);
  } while (answer.status() === 200);
  assert.equal(answer.status(), 404);
  assert.equal(await page.getByText('By the sea').count(), 0);
  assert.ok((await page.locator('main p').textContent()).length > 20, 'a sentence');
  await accessible(page, 'nothing');
  await valid(page, 'nothing');
  await shoot(page, 'nothing');
  assert.deepEqual(said, []);
  await context.close();
});
