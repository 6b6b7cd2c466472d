/** What visitors send: the inbox, the sheets that allow it, and the live wall. */
import { first, phone, small } from './ways.mjs';

const hash = '/inbox';
const row = (page) => page.getByTestId('link-waiting').waitFor();
const waiting = (page) => page.getByTestId('upload').first().waitFor();

async function chosen(page) {
  await waiting(page);
  await page.getByTestId('upload').nth(1).click();
  await page
    .getByTestId('upload')
    .nth(4)
    .click({ modifiers: ['Shift'] });
}

async function large(page, nth = 2) {
  await waiting(page);
  await page.getByTestId('upload').nth(nth).dblclick();
  await page.getByTestId('upload-view').waitFor();
}

async function compared(page) {
  await large(page, 1);
  await page.keyboard.press('c');
  await page.getByTestId('compared').locator('dd').nth(5).waitFor();
  await page.waitForTimeout(300);
}

async function accepted(page) {
  await waiting(page);
  await page.getByTestId('accept-all').first().click();
  await page.getByText(/added to your library/).waitFor();
}

async function none(page) {
  await page.getByTestId('invite').waitFor();
}

async function sheet(page) {
  await first(page);
  await page.getByTestId('share').click();
  await page.getByTestId('share-uploads').click();
  await page.getByTestId('share-auto-accept').click();
  await page.locator('summary').click();
  await page.getByTestId('share-drop-box').scrollIntoViewIfNeeded();
}

async function about(page) {
  await row(page);
  await page
    .getByTestId('link-row')
    .filter({ has: page.getByTestId('link-waiting') })
    .getByTestId('link-about')
    .click();
  await page.getByTestId('link-inbox').waitFor();
  await page.getByRole('dialog').locator('img').waitFor();
}

async function wall(page) {
  await row(page);
  await page
    .getByTestId('link-row')
    .filter({ has: page.getByTestId('link-waiting') })
    .getByTestId('link-more')
    .click();
  await page.getByRole('menuitem', { name: 'Live wall' }).click();
  await page.getByTestId('wall').locator('.small img.loaded').first().waitFor();
}

/** The link has an address that can be typed. */
async function named(page) {
  await row(page);
  await page.evaluate(async () => {
    const { links } = await globalThis.sample.call('link.list', {});
    const { id } = links.find((link) => link.upload === 'add');
    await globalThis.sample.call('link.edit', { id, name: 'dolomites', guessable: true });
  });
  await wall(page);
}

/** Photos come in by themselves while the wall is up. */
async function wallOfNew(page) {
  await row(page);
  await page.evaluate(async () => {
    const { links } = await globalThis.sample.call('link.list', {});
    const { id } = links.find((link) => link.upload === 'add');
    await globalThis.sample.call('link.edit', { id, auto_accept: true });
  });
  await wall(page);
  await page.evaluate(async () => {
    const { links } = await globalThis.sample.call('link.list', {});
    globalThis.sample.arrive(links.find((link) => link.upload === 'add').id, 'Anna', 2);
  });
  await page.waitForTimeout(500);
  await page.keyboard.press('ArrowRight');
  await page.locator('.from').waitFor();
  await page.mouse.move(300, 300);
}

async function wallAsked(page) {
  await first(page);
  await page.getByRole('button', { name: 'More' }).first().click();
  await page.getByRole('menuitem', { name: 'Live wall' }).click();
  await page.getByTestId('wall-make').waitFor();
}

async function contributed(page) {
  await waiting(page);
  await page.evaluate(async () => {
    const { groups } = await globalThis.sample.call('inbox.list', {});
    await globalThis.sample.call('inbox.accept', { ids: [groups[0].uploads[0].id], fill: false });
  });
  await page.evaluate(() => {
    location.hash = '/timeline';
  });
  await first(page);
  await page.getByTestId('tile').first().dblclick();
  await page.keyboard.press('i');
  await page.locator('dl').waitFor();
}

const album = '/albums/album-000423';
const empty = 'sample=12';
const on = 'sharing=on';
async function invited(page) {
  await none(page);
  await page.getByTestId('invite').click();
  await page.getByRole('dialog').waitFor();
}

export const receiving = [
  { name: 'inbox', hash, go: waiting },
  { name: 'inbox-dark', dark: true, hash, go: waiting },
  { name: 'inbox-phone', size: phone, hash, go: waiting },
  { name: 'inbox-small-dark', dark: true, size: small, hash, go: waiting },
  { name: 'inbox-large-text', textScale: 2, hash, go: waiting },
  { name: 'inbox-chosen', hash, go: chosen },
  { name: 'inbox-chosen-phone', size: phone, dark: true, hash, go: chosen },
  { name: 'inbox-accepted', hash, go: accepted },
  { name: 'inbox-empty', query: empty, hash, go: none },
  { name: 'inbox-empty-phone', size: phone, dark: true, query: empty, hash, go: none },
  { name: 'inbox-invite', query: empty, hash, go: invited },
  { name: 'inbox-large', hash, go: large },
  { name: 'inbox-large-phone', size: phone, hash, go: large },
  { name: 'inbox-video', hash, go: (page) => large(page, 3) },
  { name: 'inbox-compared', hash, go: compared },
  { name: 'inbox-compared-phone', size: phone, hash, go: compared },
  { name: 'uploads-sheet', hash: album, go: sheet },
  { name: 'uploads-sheet-dark', dark: true, hash: album, go: sheet },
  { name: 'uploads-sheet-phone', size: phone, hash: album, go: sheet },
  { name: 'uploads-link', hash: '/links', query: on, go: about },
  { name: 'uploads-links', hash: '/links', query: on, go: row },
  { name: 'uploads-links-phone', size: phone, dark: true, hash: '/links', query: on, go: row },
  { name: 'wall', hash: '/links', query: on, go: wall },
  { name: 'wall-named', hash: '/links', query: on, go: named },
  { name: 'wall-new', hash: '/links', query: on, go: wallOfNew },
  { name: 'wall-large', size: [1920, 1080], hash: '/links', query: on, go: wall },
  { name: 'wall-upright', size: [760, 1200], hash: '/links', query: on, go: wall },
  { name: 'wall-phone', size: phone, hash: '/links', query: on, go: wall },
  { name: 'wall-asked', hash: '/albums/album-000424', go: wallAsked },
  { name: 'contributor', hash, go: contributed },
];
