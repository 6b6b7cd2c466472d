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

/** A copy at a store, which has most originals alone. */
async function stored(page) {
  await settings(page);
  await page.evaluate(async () => {
    const call = (name, payload) => globalThis.sample.call(name, payload);
    await call('offsite.set', { endpoint: 'https://s3.example.org', bucket: 'photos' });
    await call('offsite.run', {});
    await call('offsite.recovery-key', { noted: true });
    await call('offsite.keep-local', { size: '0.5' });
    location.hash = '/links';
  });
  await page.getByTestId('link-row').first().waitFor();
  await page.evaluate(() => (location.hash = '/settings'));
  await settings(page);
  const field = page.getByTestId('offsite-keep-local');
  await field.waitFor();
  await field.evaluate((one) => one.scrollIntoView({ block: 'center' }));
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
  { name: 'settings-store', hash: '/settings', go: stored },
  { name: 'settings-store-phone-dark', dark: true, size: phone, hash: '/settings', go: stored },
  { name: 'settings-phone', size: phone, hash: '/settings', go: settings },
];
