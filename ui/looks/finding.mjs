/** The states of the search and of the settings. */
import { first, phone } from './ways.mjs';

async function searched(page) {
  await first(page);
  await page.keyboard.press('/');
  await page.keyboard.type('IMG');
  await page.getByTestId('chip-favourites').click();
  await first(page);
}

async function settings(page) {
  await page.getByTestId('back-up').waitFor();
}

export const finding = [
  { name: 'search', go: searched },
  { name: 'search-dark', dark: true, go: searched },
  { name: 'search-phone', size: phone, hash: '/search/words%3DIMG%26favourites%3Dtrue', go: first },
  {
    name: 'search-menu',
    go: async (page) => {
      await searched(page);
      await page.getByTestId('chip-type').click();
      await page.getByRole('menuitem', { name: 'Videos' }).waitFor();
    },
  },
  { name: 'settings', hash: '/settings', go: settings },
  { name: 'settings-dark', hash: '/settings', dark: true, go: settings },
  { name: 'settings-phone', size: phone, hash: '/settings', go: settings },
];
