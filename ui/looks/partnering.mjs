/** Whole libraries that people show each other: who sees whose, and one as it is seen. */
import { first, phone, small } from './ways.mjs';

const there = (id) => (page) => page.getByTestId(id).first().waitFor();
/** Anna's library in the sample; Ben's is offered. */
export const library = '/partners/person-3';
export const shown = '/partners';
const anAlbum = `${library}/albums/album-000162`;

export const partnersShown = there('partner-library');
export const anAlbumCard = there('album-card');

/** The map, and its bubbles with their pictures. */
export async function mapped(page) {
  await page.locator('.bubble img').first().waitFor();
}

export async function showing(page) {
  await page.getByTestId('partner-show').click();
  await page.getByTestId('partner-person').first().waitFor();
}

async function sinceADay(page) {
  await showing(page);
  await page.getByRole('radio').nth(-1).check();
  await page.getByTestId('partner-since').fill('2024-01-01');
}

export async function ending(page) {
  await page.getByTestId('partner-end').first().click();
  await page.getByTestId('confirm').waitFor();
}

async function stopping(page) {
  await page.getByTestId('partner-stop').first().click();
  await page.getByTestId('confirm').waitFor();
}

async function switches(page) {
  await first(page);
  await page.getByTestId('partner-more').click();
  await page.getByTestId('partner-timeline').waitFor();
}

export async function found(page) {
  await first(page);
  await page.getByTestId('search-within').fill('kiel');
  await page.getByTestId('chip-dates').waitFor();
  await first(page);
}

async function accepted(page) {
  await page.getByTestId('partner-accept').click();
  await page.getByTestId('partner-library').nth(1).waitFor();
}

async function coming(page) {
  await accepted(page);
  await page.getByTestId('partner-library').first().getByRole('link').click();
  await page.getByTestId('partner-more').waitFor();
}

async function chosen(page) {
  await first(page);
  await page.getByTestId('tile').nth(1).click();
  await page.getByTestId('save-to-library').waitFor();
}

async function photo(page) {
  await first(page);
  await page.getByTestId('tile').nth(1).dblclick();
  await page.keyboard.press('i');
  await page.getByTestId('owner').waitFor();
}

/** A photo of another machine is chosen among one's own. */
async function ofMachine(page) {
  await first(page);
  await page
    .getByRole('option', { name: /on another machine of yours/ })
    .first()
    .click();
  await page.getByTestId('copy-here').waitFor();
}

const merged = 'partners=merged';
const machines = 'machines=merged';
const away = 'partners=away';
const large = { textScale: 2 };

export const partnerLooks = [
  { name: 'partners', hash: shown, go: partnersShown },
  { name: 'partners-dark', hash: shown, dark: true, go: partnersShown },
  { name: 'partners-phone', hash: shown, size: [390, 1800], go: partnersShown },
  { name: 'partners-small', hash: shown, size: small, go: partnersShown },
  { name: 'partners-large-text', hash: shown, size: [1280, 1700], ...large, go: partnersShown },
  { name: 'partners-tall', hash: shown, size: [1280, 1000], go: partnersShown },
  { name: 'partners-accepted', hash: shown, go: accepted },
  { name: 'partners-empty', query: 'sample=12', hash: shown, go: there('partner-show') },
  { name: 'partner-show', hash: shown, go: sinceADay },
  { name: 'partner-show-phone', hash: shown, size: phone, dark: true, go: sinceADay },
  { name: 'partner-show-large-text', hash: shown, ...large, go: showing },
  { name: 'partner-end', hash: shown, go: ending },
  { name: 'partner-end-phone', hash: shown, size: phone, dark: true, go: ending },
  { name: 'partner-stop', hash: shown, size: small, go: stopping },
  { name: 'partner-offer', hash: '/partners/person-2', go: there('partner-offer') },
  {
    name: 'partner-offer-phone',
    hash: '/partners/person-2',
    size: phone,
    go: there('partner-offer'),
  },
  { name: 'partner', hash: library, go: first },
  { name: 'partner-dark', hash: library, dark: true, go: first },
  { name: 'partner-phone', hash: library, size: phone, go: first },
  { name: 'partner-small', hash: library, size: small, go: first },
  { name: 'partner-large-text', hash: library, ...large, go: first },
  { name: 'partner-away', hash: library, query: away, go: first },
  { name: 'partner-away-phone', hash: library, query: away, size: phone, dark: true, go: first },
  { name: 'partner-coming', hash: shown, go: coming },
  { name: 'partner-switches', hash: library, go: switches },
  { name: 'partner-switches-phone', hash: library, size: phone, dark: true, go: switches },
  { name: 'partner-albums', hash: `${library}/albums`, go: anAlbumCard },
  { name: 'partner-albums-phone', hash: `${library}/albums`, size: phone, go: anAlbumCard },
  { name: 'partner-album', hash: anAlbum, go: first },
  { name: 'partner-album-phone', hash: anAlbum, size: phone, dark: true, go: first },
  { name: 'partner-map', hash: `${library}/map`, go: mapped },
  { name: 'partner-map-phone', hash: `${library}/map`, size: phone, dark: true, go: mapped },
  { name: 'partner-found', hash: library, go: found },
  { name: 'partner-found-phone', hash: library, size: phone, go: found },
  { name: 'partner-chosen', hash: library, go: chosen },
  { name: 'partner-photo', hash: library, go: photo },
  { name: 'partner-photo-phone', hash: library, size: phone, go: photo },
  {
    name: 'partner-gone',
    hash: '/partners/nobody',
    go: (page) => page.locator('main h2').waitFor(),
  },
  { name: 'timeline-merged', query: merged, go: first },
  { name: 'timeline-merged-dark', query: merged, dark: true, go: first },
  { name: 'timeline-machines', query: machines, go: first },
  { name: 'timeline-machines-chosen', query: machines, size: phone, dark: true, go: ofMachine },
];
