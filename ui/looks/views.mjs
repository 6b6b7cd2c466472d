/** Every view and layer of the window, reached without a word of any language. */
import { asked, connecting, inviting, machines, photos, requests, seen } from './connecting.mjs';
import { editorLinks, home, own, people, theirs } from './household.mjs';
import {
  anAlbumCard,
  ending,
  found,
  library,
  mapped,
  partnersShown,
  showing,
  shown,
} from './partnering.mjs';
import {
  alone,
  hash as originals,
  kept,
  lost,
  moves,
  told,
  ending as unpromising,
} from './keeping.mjs';
import { first, select, years } from './ways.mjs';

const there = (id) => (page) => page.getByTestId(id).first().waitFor();
const album = async (page) => {
  await page.getByTestId('album-card').first().click();
  await page.getByTestId('album-title').waitFor();
  await first(page);
};
async function viewer(page) {
  await first(page);
  await page.getByTestId('tile').nth(1).dblclick();
  await page.getByTestId('viewer').waitFor();
}

/** `kept`: its picture is compared with the one in looks/kept. */
export const views = [
  { name: 'first-run', query: 'sample=empty', go: there('first-run-choose'), kept: true },
  { name: 'timeline', go: first, kept: true },
  { name: 'years', go: years, kept: true },
  { name: 'selection', go: select, kept: true },
  { name: 'favourites', hash: '/favourites', go: first },
  { name: 'albums', hash: '/albums', go: there('album-card'), kept: true },
  { name: 'album', hash: '/albums', go: album },
  {
    name: 'conversation',
    hash: '/albums/album-000423',
    go: async (page) => {
      await first(page);
      await page.getByTestId('album-comments').click();
      await page.getByTestId('conversation').waitFor();
    },
  },
  { name: 'news', hash: '/news', go: there('notice'), kept: true },
  { name: 'people', hash: own, go: people, kept: true },
  { name: 'album-home', query: 'lodged=there', hash: own, go: home },
  { name: 'people-theirs', hash: theirs, go: people },
  { name: 'album-theirs', hash: theirs, go: first, kept: true },
  { name: 'editor-links', hash: theirs, go: editorLinks },
  { name: 'partners', hash: shown, go: partnersShown, kept: true },
  { name: 'partner-show', hash: shown, go: showing },
  { name: 'partner-end', hash: shown, go: ending },
  { name: 'partner-offer', hash: '/partners/person-2', go: there('partner-offer'), kept: true },
  { name: 'partner', hash: library, go: first, kept: true },
  { name: 'partner-albums', hash: `${library}/albums`, go: anAlbumCard, kept: true },
  { name: 'partner-map', hash: `${library}/map`, go: mapped, kept: true },
  { name: 'partner-found', hash: library, go: found },
  { name: 'timeline-merged', query: 'partners=merged', go: first },
  { name: 'timeline-machines', query: 'machines=merged', go: first, kept: true },
  { name: 'links', hash: '/links', go: there('link-row'), kept: true },
  { name: 'inbox', hash: '/inbox', go: there('upload'), kept: true },
  {
    name: 'upload',
    hash: '/inbox',
    go: async (page) => {
      await page.getByTestId('upload').nth(1).dblclick();
      await page.keyboard.press('c');
      await page.getByTestId('compared').locator('dd').nth(5).waitFor();
    },
  },
  {
    name: 'wall',
    hash: '/links',
    query: 'sharing=on',
    go: async (page) => {
      const row = page.getByTestId('link-row').filter({ has: page.getByTestId('link-waiting') });
      await row.getByTestId('link-more').click();
      await page.getByRole('menuitem').nth(1).click();
      await page.getByTestId('wall').locator('.small').first().waitFor();
    },
    kept: true,
  },
  { name: 'machines', hash: '/machines', go: machines, kept: true },
  { name: 'move-here', hash: '/machines', query: 'moving=here', go: moves, kept: true },
  { name: 'machines-empty', query: 'sample=12&name=', hash: '/machines', go: there('connect') },
  { name: 'connect', query: 'sample=12', hash: '/machines', go: connecting },
  { name: 'invite', hash: '/machines', go: inviting },
  { name: 'pairing', hash: '/machines', go: asked, kept: true },
  { name: 'machine', hash: '/machines/machine-2', go: photos, kept: true },
  { name: 'machine-photo', hash: '/machines/machine-2', go: (page) => seen(page, 1) },
  { name: 'outbox', hash: '/outbox', go: requests },
  { name: 'originals', hash: originals, go: told, kept: true },
  { name: 'originals-end', hash: originals, query: kept, go: unpromising },
  { name: 'alone', hash: originals, go: alone },
  { name: 'lost', hash: originals, query: kept, go: lost, kept: true },
  { name: 'duplicates', hash: '/duplicates', go: there('duplicate-group'), kept: true },
  { name: 'folders', hash: '/folders', go: there('folder-row'), kept: true },
  { name: 'places', hash: '/places', go: (page) => page.locator('main section').waitFor() },
  { name: 'settings', hash: '/settings', go: (page) => page.locator('main h2').first().waitFor() },
  { name: 'archive', hash: '/archive', go: first },
  { name: 'locked', hash: '/locked', go: there('pin-again') },
  { name: 'trash', hash: '/trash', go: first, kept: true },
  { name: 'empty', query: 'sample=12', hash: '/links', go: (page) => page.locator('h2').waitFor() },
  { name: 'viewer', go: viewer, kept: true },
  {
    name: 'facts',
    go: async (page) => {
      await viewer(page);
      await page.keyboard.press('i');
      await page.locator('dl').waitFor();
    },
  },
  {
    name: 'share',
    go: async (page) => {
      await select(page);
      await page.getByTestId('share').click();
      await page.getByTestId('share-preview').waitFor();
    },
    kept: true,
  },
  {
    name: 'menu',
    go: async (page) => {
      await select(page);
      await page.keyboard.press('Shift+F10');
      await page.getByRole('menu').waitFor();
    },
  },
  {
    name: 'sharing',
    go: async (page) => {
      await first(page);
      await page.evaluate(() => document.querySelector('[data-testid=sharing-state]').click());
      await page.getByRole('dialog').waitFor();
    },
  },
  {
    name: 'keys',
    go: async (page) => {
      await first(page);
      await page.keyboard.press('?');
      await page.getByRole('dialog').waitFor();
    },
  },
];
