/** Links: who was there, how they are handed out, what is asked before. */
import { first, phone, select } from './ways.mjs';

async function about(page) {
  await page.getByTestId('link-about').first().waitFor();
  await page.getByTestId('link-about').first().click();
  await page.getByTestId('link-done').waitFor();
  await page.getByRole('dialog').locator('img').first().waitFor();
  await page.waitForTimeout(300);
}

/** A link of chosen photos, which shows details. */
async function chosen(page) {
  await page
    .locator('[data-testid=link-row]', { hasText: 'Ayşe' })
    .getByTestId('link-about')
    .click();
  await page.getByTestId('link-photos').getByRole('button').first().waitFor();
  await page.getByTestId('link-check').click();
  await page.getByTestId('link-telling').waitFor();
  await page.getByTestId('link-photos').scrollIntoViewIfNeeded();
  await page.waitForTimeout(300);
}

async function telling(page) {
  await chosen(page);
  await page.getByTestId('link-telling').scrollIntoViewIfNeeded();
}

/** What visitors did, in one kind of it, and all of their visits. */
async function numbers(page) {
  await about(page);
  await page.getByTestId('link-days').getByRole('radio').nth(1).check();
  await page.getByTestId('link-visits-all').click();
  await page.getByTestId('link-days').scrollIntoViewIfNeeded();
  await page.waitForTimeout(300);
}

async function toLink(page) {
  await select(page);
  await page.getByTestId('tile').nth(4).click({ button: 'right' });
  await page.getByText('Add to a link').click();
  await page.getByTestId('pick-link').waitFor();
}

async function viewerLinks(page) {
  await first(page);
  await page.getByTestId('tile').nth(1).dblclick();
  await page.getByTestId('add-to-link').waitFor();
}

async function more(page) {
  await page.getByTestId('link-more').first().click();
  await page.getByRole('menu').waitFor();
}

/** The page itself is another's: only what is around it is looked at. */
async function see(page) {
  await about(page);
  await page.getByTestId('link-see').click();
  await page.getByTestId('link-page').waitFor();
  await page.waitForTimeout(300);
}

async function edit(page) {
  await more(page);
  await page.getByRole('menuitem').filter({ hasText: 'Change the terms' }).click();
  await page.getByTestId('share-preview').waitFor();
}

async function options(page) {
  await first(page);
  await page.getByTestId('share').click();
  await page.locator('summary').click();
  await page.getByTestId('share-people').fill('Anna\nBen\nCem');
  await page.getByTestId('share-people').scrollIntoViewIfNeeded();
}

/** Turning sharing on moves nothing that the pointer may be on its way to. */
async function steady(page) {
  await first(page);
  await page.getByTestId('share').click();
  await page.getByTestId('share-preview').waitFor();
  const create = page.getByTestId('share-create');
  const before = await create.boundingBox();
  await page.getByTestId('sharing-on').click();
  await page.getByRole('dialog').getByTestId('reach-badge').waitFor();
  const after = await create.boundingBox();
  if (before.y !== after.y) throw new Error(`“Create link” moved from ${before.y} to ${after.y}`);
}

async function each(page) {
  await options(page);
  await page.getByTestId('share-create').click();
  await page.getByTestId('share-done').waitFor();
}

async function guessed(page) {
  await page.getByTestId('link-guessed').waitFor();
  await page.locator('.toast').waitFor();
  await page.waitForTimeout(300);
}

async function people(page) {
  await page.getByTestId('link-about').nth(0).waitFor();
  await page
    .locator('[data-testid=link-row]', { hasText: 'of 40' })
    .getByTestId('link-about')
    .click();
  await page.getByTestId('link-free').waitFor();
  await page.getByRole('dialog').locator('img').first().waitFor();
}

async function ofPhoto(page) {
  await first(page);
  await page.getByTestId('tile').nth(1).click({ button: 'right' });
  await page.getByText('Links that show this photo').click();
  await page.getByRole('dialog').waitFor();
}

/** The album's menu; and the album once it is turned round. */
async function menu(page) {
  await first(page);
  await page.getByRole('button', { name: /^(More|Mehr)$/ }).click();
  await page.getByRole('menuitem').first().waitFor();
}

async function turned(page) {
  await menu(page);
  await page
    .getByRole('menuitem')
    .filter({ hasText: /newest|neueste/i })
    .click();
  await page.getByText(/^(Newest photos first|Neueste Fotos zuerst),/).waitFor();
}

/** All photos of a link of chosen photos, two of which are chosen. */
async function all(page) {
  await chosen(page);
  await page.getByTestId('link-all-photos').click();
  await first(page);
  await page.getByTestId('tile').nth(1).click();
  await page
    .getByTestId('tile')
    .nth(2)
    .click({ modifiers: ['Control'] });
}

/** A photo that is in a link of chosen photos. */
async function ofChosen(page) {
  await first(page);
  await page.getByTestId('tile').nth(10).click({ button: 'right' });
  await page.getByText('Links that show this photo').click();
  await page.getByTestId('link-take-out').waitFor();
}

const hash = '/links';
const of = { hash, query: 'sharing=on&chosen=on' };
const album = '/albums/album-000423';
export const linking = [
  { name: 'linking-about', hash, query: 'sharing=on', go: about },
  { name: 'linking-about-dark', dark: true, hash, query: 'sharing=on', go: about },
  { name: 'linking-about-phone', size: phone, hash, query: 'sharing=on', go: about },
  { name: 'linking-see', hash, query: 'sharing=on', go: see },
  { name: 'linking-see-phone', size: phone, hash, query: 'sharing=on', go: see },
  { name: 'linking-chosen', ...of, go: chosen },
  { name: 'linking-chosen-dark', dark: true, ...of, go: chosen },
  { name: 'linking-chosen-phone', size: phone, ...of, go: chosen },
  { name: 'linking-photos', ...of, go: all },
  { name: 'linking-photos-dark', dark: true, ...of, go: all },
  { name: 'linking-photos-phone', size: phone, ...of, go: all },
  { name: 'linking-telling', ...of, go: telling },
  { name: 'linking-telling-dark', dark: true, ...of, go: telling },
  { name: 'linking-telling-phone', size: phone, ...of, go: telling },
  { name: 'linking-numbers', hash, go: numbers },
  { name: 'linking-numbers-dark', dark: true, hash, go: numbers },
  { name: 'linking-numbers-phone', size: phone, hash, go: numbers },
  { name: 'linking-add', query: 'chosen=on', go: toLink },
  { name: 'linking-add-dark', dark: true, query: 'chosen=on', go: toLink },
  { name: 'linking-viewer', query: 'chosen=on', go: viewerLinks },
  { name: 'linking-of-chosen', query: 'chosen=on', go: ofChosen },
  { name: 'linking-more', hash, go: more },
  { name: 'linking-edit', hash, query: 'sharing=on', go: edit },
  { name: 'linking-edit-dark', dark: true, hash, query: 'sharing=on', go: edit },
  { name: 'linking-edit-phone', size: phone, hash, query: 'sharing=on', go: edit },
  { name: 'linking-album', hash: album, go: menu },
  { name: 'linking-album-dark', dark: true, hash: album, go: menu },
  { name: 'linking-album-phone', size: phone, hash: album, go: menu },
  { name: 'linking-turned', hash: album, go: turned },
  { name: 'linking-options', hash: album, go: options },
  { name: 'linking-options-phone', size: phone, hash: album, go: options },
  { name: 'linking-each', hash: album, go: each },
  { name: 'linking-steady', size: [1280, 1000], hash: album, go: steady },
  { name: 'linking-steady-phone', size: phone, hash: album, go: steady },
  { name: 'linking-of-photo', go: ofPhoto },
  { name: 'linking-guessed', hash, query: 'guessed=on', go: guessed },
  { name: 'linking-guessed-dark', dark: true, hash, query: 'guessed=on', go: guessed },
  { name: 'linking-guessed-phone', size: phone, hash, query: 'guessed=on', go: guessed },
  { name: 'linking-people', hash, go: people },
  {
    name: 'linking-defaults',
    hash: '/settings',
    go: async (page) => {
      await page.locator('#set-links').scrollIntoViewIfNeeded();
    },
  },
];
