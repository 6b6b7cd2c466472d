/** Where the originals are among one's own machines, and what is done about one that is lost. */
import { first, phone, small } from './ways.mjs';

export const hash = '/originals';
/** The promise is on, and what the travel laptop had is kept here. */
export const kept = 'safety=kept';

export const told = (page) => page.getByTestId('safety-row').first().waitFor();

export async function alone(page) {
  await page.getByTestId('alone').click();
  await page.locator('[data-testid=alone-photo] img.loaded').last().waitFor();
}

export async function lost(page) {
  await page.getByTestId('lost').click();
  await page.getByTestId('lost-go').waitFor();
}

async function taking(page) {
  await lost(page);
  await page.getByTestId('lost-go').click();
  await page.getByTestId('lost-stop').waitFor();
}

async function taken(page) {
  await lost(page);
  await page.getByTestId('lost-go').click();
  await page.getByTestId('lost-remove').waitFor();
}

async function stopped(page) {
  await taking(page);
  await page.getByTestId('lost-stop').click();
  await page.getByTestId('lost-go').waitFor();
}

export async function ending(page) {
  await page.getByTestId('promise').click();
  await page.getByTestId('confirm').waitFor();
}

async function allSafe(page) {
  await told(page);
  await page.evaluate(() => globalThis.sample.call('peer.remove', { id: 'machine-2' }));
  await page.locator('[data-testid=verdict].good').waitFor();
}

async function facts(page) {
  await first(page);
  await page.getByTestId('tile').nth(1).dblclick();
  await page.keyboard.press('End');
  await page.keyboard.press('i');
  const on = page.getByTestId('original-on');
  await on.waitFor();
  await on.scrollIntoViewIfNeeded();
}

export const moves = (page) => page.getByTestId(/^move-(in|again)$/).waitFor();
const large = { textScale: 2 };
const halted = `${kept}&pace=100000`;

export const keepingLooks = [
  { name: 'move-here', hash: '/machines', query: 'moving=here', go: moves },
  {
    name: 'move-here-phone',
    hash: '/machines',
    query: 'moving=here',
    size: phone,
    dark: true,
    go: moves,
  },
  { name: 'move-gone', hash: '/machines', query: 'moving=gone', go: moves },
  { name: 'originals', hash, go: told },
  { name: 'originals-dark', hash, dark: true, go: told },
  { name: 'originals-phone', hash, size: [390, 1100], go: told },
  { name: 'originals-small', hash, size: small, dark: true, go: told },
  { name: 'originals-large-text', hash, size: [1280, 1500], ...large, go: told },
  { name: 'originals-kept', hash, query: kept, go: told },
  { name: 'originals-safe', hash, query: kept, go: allSafe },
  { name: 'originals-safe-phone', hash, query: kept, size: phone, dark: true, go: allSafe },
  {
    name: 'originals-single',
    hash,
    query: 'sample=12',
    go: told,
  },
  {
    name: 'originals-single-phone',
    hash,
    query: 'sample=12',
    size: phone,
    dark: true,
    go: told,
  },
  { name: 'originals-end', hash, query: kept, go: ending },
  { name: 'originals-end-phone', hash, query: kept, size: phone, dark: true, go: ending },
  { name: 'originals-alone', hash, go: alone },
  { name: 'originals-alone-phone', hash, size: phone, dark: true, go: alone },
  { name: 'lost', hash, query: kept, go: lost },
  { name: 'lost-dark', hash, query: kept, dark: true, go: lost },
  { name: 'lost-phone', hash, query: kept, size: phone, go: lost },
  { name: 'lost-large-text', hash, query: kept, ...large, go: lost },
  { name: 'lost-elsewhere', hash, go: lost },
  { name: 'lost-taking', hash, query: halted, go: taking },
  { name: 'lost-taking-phone', hash, query: halted, size: phone, dark: true, go: taking },
  { name: 'lost-stopped', hash, query: `${kept}&pace=400`, go: stopped },
  { name: 'lost-taken', hash, query: kept, go: taken },
  { name: 'lost-taken-phone', hash, query: kept, size: phone, dark: true, go: taken },
  { name: 'original-on', go: facts },
  { name: 'original-on-phone', size: phone, go: facts },
];
