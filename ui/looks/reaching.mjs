/** How far links reach: the sharing sheet, and what the settings say of it. */
import { first, phone } from './ways.mjs';

async function sheet(page) {
  await first(page);
  const menu = page.locator('header .menu button');
  if (await menu.isVisible()) await menu.click();
  await page.getByTestId('sharing-state').click();
  await page.getByTestId('sharing-switch').waitFor();
  await page.waitForTimeout(300);
}

async function settings(page) {
  await page.locator('#set-sharing').waitFor();
  await page.locator('#set-sharing').evaluate((section) => section.scrollIntoView());
}

/** Names with certificates, and how such a listener is run. */
async function sealed(page) {
  await settings(page);
  await page.getByTestId('set-names').fill('anna.example.org');
  await page.getByTestId('set-names').press('Enter');
  await page.getByTestId('acme').click();
  await page.getByTestId('set-metrics').evaluate((field) => field.scrollIntoView({ block: 'end' }));
}

const hash = '/settings';
const far = 'sharing=on&mapping=on';
export const reaching = [
  { name: 'sharing', query: 'sharing=on', go: sheet },
  { name: 'sharing-off', go: sheet },
  { name: 'sharing-far-dark', dark: true, query: far, go: sheet },
  { name: 'sharing-unsure', query: `${far}&reach=silent_outside`, go: sheet },
  { name: 'sharing-phone', size: phone, query: far, go: sheet },
  { name: 'sharing-set', hash, query: far, go: settings },
  { name: 'sharing-set-dark', dark: true, hash, query: 'sharing=on', go: settings },
  { name: 'sharing-sealed', hash, query: far, go: sealed },
  { name: 'sharing-sealed-phone', dark: true, size: phone, hash, query: far, go: sealed },
  { name: 'sharing-set-phone', size: phone, hash, query: far, go: settings },
];
