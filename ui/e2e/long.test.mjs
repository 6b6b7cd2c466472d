/** An album of several pages: scrolled, opened in the middle, looked through, chosen from. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, desktop, launch, phone, shoot, valid, visit } from './browser.mjs';
import { Sender } from './sender.mjs';

const count = 220;
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

/** Rows that do not reach the right edge, but for the album's last. */
const ragged = (page) =>
  page.evaluate(() => {
    const grids = [...document.querySelectorAll('.grid')];
    return grids.flatMap((grid, place) => {
      const edge =
        grid.getBoundingClientRect().right - parseFloat(getComputedStyle(grid).paddingRight);
      const ends = [...new Map([...grid.children].map((tile) => [tile.offsetTop, tile])).values()];
      if (place === grids.length - 1) ends.pop();
      return ends
        .filter((tile) => Math.abs(tile.getBoundingClientRect().right - edge) > 2)
        .map((tile) => tile.innerHTML);
    });
  });

const scrollToEnd = async (page) => {
  const tiles = page.locator('.grid li');
  while ((await tiles.count()) < count) {
    const had = await tiles.count();
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    await page.waitForFunction((had) => document.querySelectorAll('.grid li').length > had, had);
  }
};

for (const device of [phone, desktop]) {
  const { width } = device.viewport;

  test(`pages join while one scrolls, and no row breaks at ${width} px`, async () => {
    const link = sender.link();
    const { context, page, said } = await visit(browser, sender.url, device);
    await page.goto(link.here);
    await scrollToEnd(page);
    const all = await page.locator('.grid a').evaluateAll((tiles) => tiles.map((tile) => tile.id));
    assert.equal(new Set(all).size, count, 'each photo once');
    assert.deepEqual(await ragged(page), []);
    assert.equal(await page.locator('.pages').isVisible(), false, 'pages to turn');

    await page.setViewportSize({ width: width + 250, height: 800 });
    await page.waitForFunction((width) => innerWidth === width, width + 250);
    await page.evaluate(
      () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
    );
    assert.deepEqual(await ragged(page), []);
    assert.deepEqual(said, []);
    await context.close();
  });
}

test('Back finds the album where it was, and a photo turned to has the focus', async () => {
  const link = sender.link();
  const { context, page, said } = await visit(browser, sender.url, phone);
  await page.goto(link.here);
  await scrollToEnd(page);
  const place = 150;
  await page.locator('.grid a').nth(place).scrollIntoViewIfNeeded();
  const before = await page.evaluate(() => scrollY);
  await page.locator('.grid a').nth(place).click();
  await page.locator('.bar h1', { hasText: `${place + 1} of ${count}` }).waitFor();
  await page.keyboard.press('ArrowRight');
  await page.locator('.bar h1', { hasText: `${place + 2} of ${count}` }).waitFor();
  await page.goBack();
  await page.waitForFunction(
    () => !document.querySelector('dialog[open]') && document.activeElement.id,
  );
  const focused = await page.evaluate(() =>
    [...document.querySelectorAll('.grid a')].indexOf(document.activeElement),
  );
  assert.equal(focused, place + 1);
  const moved = Math.abs((await page.evaluate(() => scrollY)) - before);
  assert.ok(moved <= phone.viewport.height, `it moved by ${moved} px`);
  assert.deepEqual(said, []);
  await context.close();
});

test('a page in the middle is opened by its address, and what is before it comes by scrolling up', async () => {
  const link = sender.link();
  const { context, page, said } = await visit(browser, sender.url, phone);
  await page.goto(`${link.here}?page=2`);
  assert.equal(await page.locator('.grid li').count(), 96);
  await page.mouse.wheel(0, 400);
  await page.waitForFunction(() => document.querySelectorAll('.grid li').length >= 192);
  await page.evaluate(() => scrollTo(0, 0));
  await page.waitForURL(/page=1$/);
  assert.deepEqual(await ragged(page), []);
  assert.deepEqual(said, []);
  await context.close();
});

test('without scripts pages are turned', async () => {
  const link = sender.link();
  const { context, page, said } = await visit(browser, sender.url, {
    ...phone,
    javaScriptEnabled: false,
  });
  await page.goto(link.here);
  const seen = new Set();
  for (let turned = 1; ; turned += 1) {
    const tiles = page.locator('.grid a');
    for (const id of await tiles.evaluateAll((all) => all.map(({ id }) => id))) seen.add(id);
    const next = page.locator('.pages a[rel=next]');
    if ((await next.count()) === 0) break;
    await next.click();
    await page.waitForURL(new RegExp(`page=${turned + 1}$`));
  }
  assert.equal(seen.size, count, 'each photo is reached by turning pages');
  await page.getByText('First').click();
  await page.waitForURL(/page=1$/);
  await page.getByText('Last').click();
  await page.waitForURL(/page=3$/);
  assert.equal(await page.locator('.grid a').count(), count - 2 * 96);
  await page.locator('.grid a').last().click();
  assert.match(await page.locator('h1').textContent(), new RegExp(`${count} of ${count}`));
  await page.locator('a[rel=up]').click();
  await page.waitForURL(/page=3#p-/);
  assert.deepEqual(said, []);
  await context.close();
});

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? 'with scripts' : 'without scripts';

  test(`chosen photos and all photos are downloaded ${how}`, async () => {
    const link = sender.link('--download', 'original');
    const { context, page, said } = await visit(browser, sender.url, {
      ...desktop,
      javaScriptEnabled,
    });
    await page.goto(link.here);
    const whole = page.waitForEvent('download');
    await page.getByText('Download all').click();
    assert.match((await whole).suggestedFilename(), /\.zip$/);

    await page.locator('a.select').click();
    await page.waitForURL(/select=1/);
    await valid(page, 'choosing');
    const send = page.locator('.picked button');
    if (javaScriptEnabled) assert.ok(await send.isDisabled(), 'nothing is chosen');
    await page.locator('.grid label').nth(0).click();
    const modifiers = javaScriptEnabled ? ['Shift'] : [];
    await page.locator('.grid input').nth(3).click({ modifiers });
    if (javaScriptEnabled) {
      assert.equal(await page.locator('.picked output').textContent(), '4 selected');
      await accessible(page, 'choosing');
      await shoot(page, 'choosing');
    }
    await page.getByLabel('Screen size').check();
    const some = page.waitForEvent('download');
    await send.click();
    assert.match((await some).suggestedFilename(), /\.zip$/);
    assert.deepEqual(said, []);
    await context.close();
  });
}

test('a slideshow goes on by itself and stops at the end', async () => {
  const link = sender.link();
  const { context, page, said } = await visit(browser, sender.url, desktop);
  await page.clock.install();
  await page.goto(`${link.here}?page=3`);
  await page
    .locator('.grid a')
    .nth(count - 2 * 96 - 2)
    .click();
  await page.locator('.bar h1', { hasText: `${count - 1} of` }).waitFor();
  await page.keyboard.press('s');
  assert.equal(await page.locator('.slides').getAttribute('aria-pressed'), 'true');
  await page
    .locator('.stage img')
    .last()
    .evaluate((picture) => picture.decode());
  await page.clock.runFor(5500);
  await page.locator('.bar h1', { hasText: `${count} of` }).waitFor();
  assert.equal(await page.locator('.slides').getAttribute('aria-pressed'), 'false');
  assert.deepEqual(said, []);
  await context.close();
});
