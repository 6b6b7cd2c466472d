/** The states of duplicates and of locked photos. */
import { first, phone, select } from './ways.mjs';

const grouped = (page) => page.getByTestId('duplicate-group').first().waitFor();

async function keptOne(page) {
  await grouped(page);
  await page.getByTestId('keep').first().click();
  await page.getByText('One kept').waitFor();
}

async function wrongPin(page) {
  await page.getByTestId('pin').fill('0000');
  await page.getByTestId('pin-go').click();
  await page.getByText('That is not the PIN.').waitFor();
}

/** Locks four photos, opens the locked ones, and goes there. */
async function lockedOnes(page) {
  await select(page);
  await page.keyboard.press('Shift+F10');
  await page.getByRole('menuitem', { name: 'Lock' }).click();
  await page.getByText(/photos locked/).waitFor();
  await page.evaluate(() => {
    location.hash = '/locked';
  });
  await page.getByTestId('pin').fill('2718');
  await page.getByTestId('pin-go').click();
  await first(page);
}

export const tidying = [
  { name: 'duplicates', hash: '/duplicates', go: grouped },
  { name: 'duplicates-dark', dark: true, hash: '/duplicates', go: grouped },
  { name: 'duplicates-phone', size: phone, hash: '/duplicates', go: grouped },
  { name: 'duplicates-large-text', textScale: 2, hash: '/duplicates', go: grouped },
  { name: 'duplicates-kept', hash: '/duplicates', go: keptOne },
  { name: 'duplicates-kept-phone', size: phone, dark: true, hash: '/duplicates', go: keptOne },
  {
    name: 'empty-duplicates',
    query: 'sample=12',
    hash: '/duplicates',
    go: (page) => page.getByText('No photo is here twice').waitFor(),
  },
  {
    name: 'locked-choose',
    hash: '/locked',
    go: (page) => page.getByTestId('pin-again').waitFor(),
  },
  {
    name: 'locked-choose-phone',
    size: phone,
    dark: true,
    hash: '/locked',
    go: (page) => page.getByTestId('pin-again').waitFor(),
  },
  { name: 'locked-closed', query: 'pin=2718', hash: '/locked', go: wrongPin },
  { name: 'locked-closed-phone', query: 'pin=2718', size: phone, hash: '/locked', go: wrongPin },
  { name: 'locked', query: 'pin=2718', go: lockedOnes },
  { name: 'locked-dark', dark: true, query: 'pin=2718', go: lockedOnes },
  { name: 'locked-phone', size: phone, query: 'pin=2718', go: lockedOnes },
  {
    name: 'locked-menu',
    query: 'pin=2718',
    go: async (page) => {
      await lockedOnes(page);
      await page.getByTestId('tile').nth(1).click({ button: 'right' });
    },
  },
  {
    name: 'empty-locked',
    query: 'sample=12&pin=2718&locked=open',
    hash: '/locked',
    go: (page) => page.getByText('Nothing is locked').waitFor(),
  },
];
