/** What people said: of an album, by a link, of a photo, and the mark of what is new. */
import { first, phone } from './ways.mjs';

async function ofAlbum(page) {
  await first(page);
  await page.getByTestId('album-comments').click();
  await page.getByTestId('conversation').waitFor();
  await page.waitForTimeout(300);
}

async function byLink(page) {
  await page.getByTestId('link-unread').first().waitFor();
  await page
    .getByTestId('link-row')
    .filter({ has: page.getByTestId('link-unread') })
    .getByTestId('link-about')
    .click();
  await page.getByTestId('conversation').scrollIntoViewIfNeeded();
  await page.waitForTimeout(300);
}

async function ofPhoto(page) {
  await first(page);
  await page.getByTestId('tile').first().dblclick();
  await page.getByTestId('viewer').waitFor();
  await page.keyboard.press('i');
  await page.getByTestId('conversation').scrollIntoViewIfNeeded();
}

async function allowed(page) {
  await first(page);
  await page.getByTestId('share').click();
  await page.getByTestId('share-comments').check();
  await page.getByTestId('share-comments').scrollIntoViewIfNeeded();
}

const hash = '/albums/album-000425';
export const talking = [
  { name: 'talking-album', hash, go: ofAlbum },
  { name: 'talking-album-dark', dark: true, hash, go: ofAlbum },
  { name: 'talking-album-phone', size: phone, hash, go: ofAlbum },
  { name: 'talking-new', hash: '/links', go: (page) => page.getByTestId('link-unread').waitFor() },
  { name: 'talking-link', hash: '/links', query: 'sharing=on', go: byLink },
  { name: 'talking-link-dark', dark: true, hash: '/links', query: 'sharing=on', go: byLink },
  { name: 'talking-photo', hash, go: ofPhoto },
  { name: 'talking-photo-phone', size: phone, hash, go: ofPhoto },
  { name: 'talking-allowed', hash, go: allowed },
];
