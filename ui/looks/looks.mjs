/** The states of the window that are worth seeing, and how to get there. */
import { first, phone, select, small } from './ways.mjs';
import { connectingLooks } from './connecting.mjs';
import { reaching } from './reaching.mjs';
import { receiving } from './receiving.mjs';
import { places } from './places.mjs';
import { finding } from './finding.mjs';
import { householdLooks } from './household.mjs';
import { keepingLooks } from './keeping.mjs';
import { linking } from './linking.mjs';
import { partnerLooks } from './partnering.mjs';
import { talking } from './talking.mjs';
import { tidying } from './tidying.mjs';

const firstRun = (page) => page.getByTestId('first-run-choose').waitFor();

async function view(page) {
  await first(page);
  await page.getByTestId('tile').nth(2).dblclick();
  await page.getByTestId('viewer').waitFor();
}

/** Opens the nth of the tiles whose name begins so. */
async function open(page, name, nth = 0) {
  await first(page);
  await page
    .getByRole('option', { name: new RegExp(`^${name}`) })
    .nth(nth)
    .dblclick();
  await page.getByTestId('viewer').waitFor();
}

async function playing(page) {
  await open(page, 'Video 0:04');
  await page.waitForFunction(() => document.querySelector('video')?.currentTime > 0.6);
  await page.getByTestId('player').hover();
}

async function converting(page) {
  await open(page, 'Video 0:14');
  await page.getByTestId('converting').waitFor();
}

async function livePlaying(page) {
  await open(page, 'Live photo');
  await page.keyboard.press('l');
  await page.waitForFunction(() => document.querySelector('video')?.currentTime > 0.6);
}

async function unseen(page) {
  await first(page);
  await page
    .getByRole('option', { name: /no preview$/ })
    .first()
    .dblclick();
  await page.getByRole('heading', { name: 'DSC04711.CR3' }).waitFor();
}

/** The smallest size there is. */
async function squares(page) {
  await first(page);
  for (let i = 0; i < 3; i += 1) await page.keyboard.press('Control+-');
  await page.waitForTimeout(300);
}

async function informed(page) {
  await first(page);
  await page.locator('[data-asset="0190b6a0-0000-7000-8000-000000000007"]').dblclick();
  const title = page.getByText('Last light over the ridge');
  await page.keyboard.press('i');
  await title.waitFor();
}

async function shareAlbum(page) {
  await first(page);
  await page.getByTestId('share').click();
  await page.getByTestId('share-create').waitFor();
}

async function made(page) {
  await shareAlbum(page);
  await page.getByTestId('share-label').fill('Grandma');
  await page.getByRole('button', { name: 'Make one' }).click();
  await page.getByTestId('share-create').click();
  await page.getByTestId('share-url').waitFor();
}

async function scrolled(page) {
  await first(page);
  await page.mouse.move(600, 500);
  await page.mouse.wheel(0, 2600);
  await page.waitForTimeout(400);
}

async function importing(page) {
  await page.getByTestId('first-run-choose').click();
  await first(page);
  await page.waitForTimeout(1500);
}

async function imported(page) {
  await page.getByTestId('first-run-choose').click();
  await page.getByText('Details').waitFor();
  await page.getByText('Details').click();
}

async function toTrash(page) {
  await select(page);
  await page.keyboard.press('Delete');
  await page.getByText('moved to the trash').waitFor();
  await page.waitForTimeout(600);
}

async function trashMenu(page) {
  await first(page);
  await page.getByTestId('tile').nth(1).click({ button: 'right' });
}

async function deleting(page) {
  await first(page);
  await page.getByTestId('tile').nth(1).click();
  await page.keyboard.press('Delete');
  await page.getByTestId('confirm').waitFor();
}

async function viewThenTrash(page) {
  await view(page);
  await page.keyboard.press('Delete');
  await page.getByText('moved to the trash').waitFor();
}

async function sources(page) {
  await first(page);
  await page.getByTestId('import').click();
  await page.getByText('From camera or phone').click();
  await page.getByTestId('look-again').and(page.locator(':enabled')).waitFor();
}

async function activity(page) {
  await first(page);
  await page
    .getByLabel(/^Activity/)
    .first()
    .click();
}

const album = '/albums/album-000423';

export const looks = [
  {
    name: 'keys',
    go: async (page) => {
      await first(page);
      await page.keyboard.press('?');
      await page.getByText('Among photos').waitFor();
    },
  },
  { name: 'first-run', query: 'sample=empty', go: firstRun },
  { name: 'first-run-dark', dark: true, query: 'sample=empty', go: firstRun },
  { name: 'first-run-phone', size: phone, query: 'sample=empty', go: firstRun },
  {
    name: 'importing',
    query: 'sample=empty&pace=60',
    go: async (page) => {
      await importing(page);
      await page
        .getByLabel(/^Activity/)
        .first()
        .click();
    },
  },
  {
    name: 'import-menu',
    go: async (page) => {
      await first(page);
      await page.getByTestId('import').click();
    },
  },
  { name: 'sources', go: sources },
  { name: 'sources-dark', dark: true, go: sources },
  { name: 'sources-phone', size: phone, go: sources },
  { name: 'sources-none', query: 'sources=none', go: sources },
  { name: 'sources-none-phone', size: phone, dark: true, query: 'sources=none', go: sources },
  { name: 'import-full', query: 'stands=full', go: activity },
  { name: 'import-full-phone', size: phone, dark: true, query: 'stands=full', go: activity },
  { name: 'import-broken-off', query: 'stands=broken', go: activity },
  { name: 'import-broken-off-dark', dark: true, query: 'stands=broken', go: activity },
  { name: 'imported', query: 'sample=empty&pace=1', go: imported },
  { name: 'timeline', go: first },
  { name: 'timeline-dark', dark: true, go: first },
  { name: 'timeline-scrolled', go: scrolled },
  { name: 'timeline-small', size: small, go: first },
  { name: 'timeline-squares', go: squares },
  { name: 'timeline-squares-dark', dark: true, go: squares },
  { name: 'timeline-squares-phone', size: phone, go: squares },
  { name: 'timeline-phone', size: phone, go: first },
  {
    name: 'sidebar-phone',
    size: phone,
    go: async (page) => {
      await first(page);
      await page.getByRole('button', { name: 'Places' }).click();
      await page.getByTestId('nav-trash').waitFor();
    },
  },
  { name: 'timeline-large-text', textScale: 2, go: first },
  { name: 'selection', go: select },
  { name: 'selection-dark', dark: true, go: select },
  { name: 'selection-phone', size: phone, go: select },
  {
    name: 'menu',
    go: async (page) => {
      await select(page);
      await page.getByTestId('tile').nth(2).click({ button: 'right' });
    },
  },
  { name: 'viewer', go: view },
  {
    name: 'info',
    go: async (page) => {
      await view(page);
      await page.keyboard.press('i');
      await page.getByText('GB').or(page.getByText('MB')).first().waitFor();
    },
  },
  { name: 'viewer-phone', size: phone, go: view },
  { name: 'video', go: playing },
  { name: 'video-dark', dark: true, go: playing },
  { name: 'video-phone', size: phone, go: playing },
  {
    name: 'video-poster',
    go: async (page) => {
      await open(page, 'Video 0:14');
      await page.keyboard.press('Home');
      for (let steps = 0; steps < 60; steps += 1) {
        if (await page.getByTestId('play').isVisible()) return;
        await page.keyboard.press('ArrowRight');
        await page.waitForTimeout(60);
      }
      throw new Error('no video waits to be played');
    },
  },
  {
    name: 'video-info',
    go: async (page) => {
      await playing(page);
      await page.keyboard.press('i');
      await page.getByText('from the video’s header').waitFor();
    },
  },
  { name: 'video-converting', query: 'convert=3', go: converting },
  { name: 'video-waiting', size: phone, go: converting },
  { name: 'live', go: livePlaying },
  { name: 'live-phone', size: phone, go: livePlaying },
  { name: 'unseen', go: unseen },
  { name: 'unseen-dark', dark: true, go: unseen },
  { name: 'unseen-phone', size: phone, go: unseen },
  { name: 'facts', go: informed },
  { name: 'facts-dark', dark: true, go: informed },
  { name: 'facts-phone', size: phone, go: informed },
  { name: 'facts-large-text', textScale: 2, go: informed },
  { name: 'converting', query: 'convert=3', go: activity },
  {
    name: 'new-album',
    go: async (page) => {
      await select(page);
      await page.getByTestId('new-album').click();
    },
  },
  {
    name: 'add-to-album',
    go: async (page) => {
      await select(page);
      await page.getByTestId('add-to-album').click();
    },
  },
  {
    name: 'albums',
    hash: '/albums',
    go: (page) => page.getByTestId('album-card').first().waitFor(),
  },
  {
    name: 'albums-dark',
    dark: true,
    hash: '/albums',
    go: (page) => page.getByTestId('album-card').first().waitFor(),
  },
  {
    name: 'albums-phone',
    size: phone,
    hash: '/albums',
    go: (page) => page.getByTestId('album-card').first().waitFor(),
  },
  { name: 'album', hash: album, query: 'sharing=on', go: first },
  { name: 'album-small', size: small, hash: album, go: first },
  { name: 'share', hash: album, go: shareAlbum },
  { name: 'share-dark', dark: true, hash: album, query: 'sharing=on', go: shareAlbum },
  { name: 'share-small', size: small, hash: album, go: shareAlbum },
  { name: 'share-phone', size: phone, hash: album, go: shareAlbum },
  { name: 'share-large-text', textScale: 2, hash: album, go: shareAlbum },
  { name: 'made', hash: album, query: 'sharing=on', go: made },
  { name: 'made-off-dark', dark: true, hash: album, go: made },
  {
    name: 'links',
    hash: '/links',
    query: 'sharing=on',
    go: (page) => page.getByTestId('link-row').first().waitFor(),
  },
  {
    name: 'links-dark',
    dark: true,
    hash: '/links',
    go: (page) => page.getByTestId('link-row').first().waitFor(),
  },
  {
    name: 'links-small',
    size: small,
    hash: '/links',
    go: (page) => page.getByTestId('link-row').first().waitFor(),
  },
  {
    name: 'links-phone',
    size: phone,
    hash: '/links',
    go: (page) => page.getByTestId('link-row').first().waitFor(),
  },
  {
    name: 'folders',
    hash: '/folders',
    go: (page) => page.getByTestId('folder-row').first().waitFor(),
  },
  {
    name: 'folders-dark',
    dark: true,
    hash: '/folders',
    go: (page) => page.getByTestId('folder-row').first().waitFor(),
  },
  {
    name: 'folders-phone',
    size: phone,
    hash: '/folders',
    go: (page) => page.getByTestId('folder-row').first().waitFor(),
  },
  {
    name: 'folders-none',
    query: 'sample=40',
    hash: '/folders',
    go: (page) => page.getByTestId('watch-folder').waitFor(),
  },
  { name: 'revoke', hash: '/links', go: (page) => page.getByTestId('link-revoke').first().click() },
  ...reaching,
  {
    name: 'empty-timeline',
    query: 'sample=empty',
    go: (page) => page.getByTestId('first-run-later').click(),
  },
  {
    name: 'empty-albums',
    query: 'sample=12',
    hash: '/albums',
    go: (page) => page.getByText('No albums yet').waitFor(),
  },
  {
    name: 'empty-links',
    query: 'sample=12',
    hash: '/links',
    go: (page) => page.getByText('Nothing is shared').waitFor(),
  },
  {
    name: 'empty-favourites',
    query: 'sample=2',
    hash: '/favourites',
    dark: true,
    go: (page) => page.getByText('No favourites yet').waitFor(),
  },
  ...places,
  ...householdLooks,
  ...partnerLooks,
  ...connectingLooks,
  ...keepingLooks,
  ...tidying,
  ...finding,
  ...linking,
  ...talking,
  ...receiving,
  { name: 'trash', hash: '/trash', go: first },
  { name: 'trash-dark', dark: true, hash: '/trash', go: first },
  { name: 'trash-phone', size: phone, hash: '/trash', go: first },
  { name: 'trash-large-text', textScale: 2, hash: '/trash', go: first },
  { name: 'trash-menu', hash: '/trash', go: trashMenu },
  { name: 'trash-menu-dark', dark: true, hash: '/trash', go: trashMenu },
  { name: 'trash-menu-phone', size: phone, dark: true, hash: '/trash', go: trashMenu },
  { name: 'trash-delete', hash: '/trash', go: deleting },
  { name: 'trash-delete-phone', size: phone, dark: true, hash: '/trash', go: deleting },
  {
    name: 'trash-viewer',
    hash: '/trash',
    go: async (page) => {
      await first(page);
      await page.getByTestId('tile').nth(1).dblclick();
      await page.getByTestId('viewer').waitFor();
    },
  },
  { name: 'trashed', go: toTrash },
  { name: 'trashed-dark', dark: true, go: toTrash },
  { name: 'trashed-phone', size: phone, go: toTrash },
  { name: 'viewer-trashed', go: viewThenTrash },
  { name: 'viewer-trashed-phone', size: phone, dark: true, go: viewThenTrash },
  {
    name: 'undone-phone',
    size: phone,
    dark: true,
    go: async (page) => {
      await toTrash(page);
      await page.keyboard.press('Control+z');
      await page.getByText(/^Undone/).waitFor();
    },
  },
  {
    name: 'menu-phone',
    size: phone,
    go: async (page) => {
      await select(page);
      await page.getByRole('button', { name: 'More' }).click();
    },
  },
  {
    name: 'menu-album-dark',
    dark: true,
    hash: album,
    go: async (page) => {
      await first(page);
      await page.getByTestId('tile').nth(2).click({ button: 'right' });
    },
  },
  { name: 'contrast', contrast: true, go: select },
  { name: 'contrast-dark', dark: true, contrast: true, hash: '/folders' },
  { name: 'forced', forced: true, go: select },
  { name: 'forced-dark', dark: true, forced: true, hash: '/links' },
  { name: 'gallery', page: '/gallery/', size: [1100, 3300] },
  { name: 'gallery-dark', page: '/gallery/', size: [1100, 3300], dark: true },
  { name: 'gallery-phone', page: '/gallery/', size: [390, 4600] },
  { name: 'gallery-contrast', page: '/gallery/', size: [1100, 3300], contrast: true },
  { name: 'gallery-forced', page: '/gallery/', size: [1100, 3300], forced: true },
  { name: 'gallery-large-text', page: '/gallery/', size: [1100, 5200], textScale: 2 },
  {
    name: 'gallery-menu',
    page: '/gallery/',
    go: (page) => page.getByTestId('menu').click(),
  },
  {
    name: 'gallery-sheet',
    page: '/gallery/',
    dark: true,
    go: (page) => page.getByTestId('sheet').click(),
  },
  {
    name: 'gallery-popover',
    page: '/gallery/',
    go: async (page) => {
      await page.getByTestId('toast').click();
      await page.getByTestId('popover').click();
    },
  },
  { name: 'archive', hash: '/archive', go: first },
  {
    name: 'empty-trash',
    query: 'sample=12',
    hash: '/trash',
    go: (page) => page.getByText('The trash is empty').waitFor(),
  },
  {
    name: 'empty-archive',
    query: 'sample=12',
    hash: '/archive',
    dark: true,
    go: (page) => page.getByText('Nothing is archived').waitFor(),
  },
  {
    name: 'drop',
    go: async (page) => {
      await first(page);
      await page.evaluate(() => globalThis.sample.drop({ kind: 'over' }));
    },
  },
];
