/** Albums shared at home: what is offered, who is in one, what waits, and what others did. */
import { first, phone, small } from './ways.mjs';

const shows = (id) => (page) => page.getByTestId(id).first().waitFor();
/** The sample's third album is shared with two people; its last is another's. */
export const own = '/albums/album-000423';
export const theirs = '/albums/album-000425';

export async function people(page) {
  await first(page);
  await page.getByTestId('people').click();
  await page.getByTestId('member').first().waitFor();
}

export async function editorLinks(page) {
  await first(page);
  await page.getByTestId('share').click();
  await page.getByTestId('make-link').click();
  await page.getByRole('listitem').filter({ hasText: 'http://' }).waitFor();
}

async function asking(page) {
  await page.getByTestId('album-card').first().click();
  await people(page).catch(() => {});
  await page.getByTestId('pick-person').first().check();
  await page.getByTestId('ask-in').waitFor();
}

async function theirPhoto(page) {
  await first(page);
  await page.getByTestId('tile').first().dblclick();
  await page.keyboard.press('i');
  await page.getByTestId('owner').waitFor();
}

async function chosen(page) {
  await first(page);
  await page.getByTestId('tile').first().click();
  await page.getByTestId('save-to-library').waitFor();
}

/** Where an album lives is said last of all. */
export async function home(page) {
  await people(page);
  await page.getByTestId('album-home').evaluate((last) => last.scrollIntoView());
}

/** The machine that it lives on is away: then it may be gone for good. */
async function homeAway(page) {
  await page.getByTestId('nav-machines').waitFor({ state: 'attached' });
  await page.evaluate(() => {
    globalThis.sample.peers.find('machine-1').is_online = false;
    globalThis.sample.call('peer.address', { machine: 'machine-1', address: '' });
  });
  await home(page);
  await page.getByTestId('album-home').getByRole('button').nth(1).waitFor();
}

const lastOf = (page) => page.getByTestId('album-home').getByRole('button').last();

async function asks(page) {
  await lastOf(page).click();
  await page.getByTestId('confirm').waitFor();
}

async function choosing(page) {
  await home(page);
  await lastOf(page).click();
  await page.getByRole('menuitem').first().waitFor();
}

async function moving(page) {
  await choosing(page);
  await page.getByRole('menuitem').first().click();
  await page.getByTestId('confirm').waitFor();
}

const there = 'lodged=there';

export const householdLooks = [
  { name: 'news', hash: '/news', go: shows('notice') },
  { name: 'news-dark', hash: '/news', dark: true, go: shows('notice') },
  { name: 'news-phone', hash: '/news', size: phone, go: shows('notice') },
  { name: 'news-empty', query: 'sample=12', hash: '/news' },
  { name: 'offers', hash: '/albums', go: shows('offer-accept') },
  { name: 'offers-phone', hash: '/albums', size: phone, dark: true, go: shows('offer-accept') },
  { name: 'album-theirs', hash: theirs, go: first },
  { name: 'album-theirs-dark', hash: theirs, dark: true, go: first },
  { name: 'album-theirs-phone', hash: theirs, size: phone, go: first },
  { name: 'album-theirs-chosen', hash: theirs, go: chosen },
  { name: 'people-own', hash: own, go: people },
  { name: 'people-own-phone', hash: own, size: phone, dark: true, go: people },
  { name: 'people-theirs', hash: theirs, dark: true, go: people },
  { name: 'people-theirs-phone', hash: theirs, size: phone, go: people },
  { name: 'people-ask', hash: '/albums', size: small, go: asking },
  { name: 'people-large-text', hash: own, textScale: 2, go: people },
  { name: 'album-lodged', query: there, hash: own, go: first },
  { name: 'album-lodged-phone', query: there, hash: own, size: phone, dark: true, go: first },
  { name: 'album-lodged-theirs', query: there, hash: theirs, dark: true, go: first },
  { name: 'album-lodging-soon', query: 'lodged=soon', hash: own, go: first },
  { name: 'album-home', query: there, hash: own, go: home },
  { name: 'album-home-phone', query: there, hash: own, size: phone, dark: true, go: home },
  { name: 'album-home-away', query: there, hash: own, dark: true, go: homeAway },
  { name: 'album-home-away-phone', query: there, hash: own, size: phone, go: homeAway },
  {
    name: 'album-home-gone',
    query: there,
    hash: own,
    go: async (page) => {
      await homeAway(page);
      await asks(page);
    },
  },
  {
    name: 'album-home-back-phone',
    query: there,
    hash: own,
    size: phone,
    dark: true,
    go: async (page) => {
      await home(page);
      await asks(page);
    },
  },
  { name: 'album-home-soon', query: 'lodged=soon', hash: own, dark: true, go: home },
  { name: 'album-home-here', hash: own, go: home },
  { name: 'album-home-here-large-text', hash: own, textScale: 2, go: home },
  { name: 'album-home-choose', hash: own, go: choosing },
  { name: 'album-home-move', hash: own, go: moving },
  { name: 'album-home-move-phone', hash: own, size: phone, dark: true, go: moving },
  { name: 'editor-links', hash: theirs, go: editorLinks },
  { name: 'editor-links-phone', hash: theirs, size: phone, dark: true, go: editorLinks },
  { name: 'photo-theirs', hash: theirs, go: theirPhoto },
  { name: 'photo-theirs-phone', hash: theirs, size: phone, dark: true, go: theirPhoto },
];
