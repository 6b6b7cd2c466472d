/** Albums shared at home: what is offered, who is in one, what waits, and what others did. */
import { first, phone, small } from './ways.mjs';

const there = (id) => (page) => page.getByTestId(id).first().waitFor();
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

export const householdLooks = [
  { name: 'news', hash: '/news', go: there('notice') },
  { name: 'news-dark', hash: '/news', dark: true, go: there('notice') },
  { name: 'news-phone', hash: '/news', size: phone, go: there('notice') },
  { name: 'news-empty', query: 'sample=12', hash: '/news' },
  { name: 'offers', hash: '/albums', go: there('offer-accept') },
  { name: 'offers-phone', hash: '/albums', size: phone, dark: true, go: there('offer-accept') },
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
  { name: 'editor-links', hash: theirs, go: editorLinks },
  { name: 'editor-links-phone', hash: theirs, size: phone, dark: true, go: editorLinks },
  { name: 'photo-theirs', hash: theirs, go: theirPhoto },
  { name: 'photo-theirs-phone', hash: theirs, size: phone, dark: true, go: theirPhoto },
];
