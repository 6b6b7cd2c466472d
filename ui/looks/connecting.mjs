/** Machines that know each other: the list, how one more is connected, its photos, and what waits. */
import { phone, small } from './ways.mjs';

const hash = '/machines';

export const machines = (page) => page.getByTestId('machine-row').first().waitFor();

/** The last machine, another person's, is stood in for here. */
export async function hosting(page) {
  await machines(page);
  await page.getByTestId('machine-more').last().click();
  await page
    .getByRole('menuitem', { name: /Stand in for it here|Hier für es einspringen/ })
    .click();
  await page.getByTestId('machine-hosts').scrollIntoViewIfNeeded();
}

export async function connecting(page) {
  await page.getByTestId('connect').first().click();
  await page.getByTestId('connect-mine').waitFor();
}

export async function inviting(page) {
  await machines(page);
  await connecting(page);
  await page.getByTestId('connect-mine').click();
  await page.getByTestId('connect-code').waitFor();
}

async function joining(page) {
  await machines(page);
  await connecting(page);
  await page.getByTestId('connect-have').click();
  await page.getByTestId('connect-invitation').fill('12-34');
  await page.getByTestId('connect-join').click();
  await page.getByRole('alert').waitFor();
}

/** Another machine begins, whatever is on the screen. */
export async function asked(page, of = {}) {
  await page.getByTestId('nav-machines').waitFor({ state: 'attached' });
  await page.evaluate((pairing) => globalThis.sample.peers.knock(pairing), of);
  await page.getByTestId('pairing-words').waitFor();
}

async function askedOwn(page) {
  await asked(page, { machine: 'Pad', person: 'Mira', is_own: true });
}

async function answered(page, yes) {
  await asked(page);
  await page.getByTestId('pairing-yes').click();
  await page.locator('[data-testid=pairing][data-state=waiting]').waitFor();
  if (yes === undefined) return;
  await page.evaluate((said) => {
    const { peers } = globalThis.sample;
    peers.answer(peers.pairings.at(-1).id, said);
  }, yes);
  await page.getByTestId(yes ? 'pairing-show' : 'pairing-again').waitFor();
}

async function open(page) {
  await machines(page);
  await page.getByTestId('connect').click();
  await page.getByTestId('connect-theirs').click();
  await page.getByTestId('connect-code').waitFor();
  await page.keyboard.press('Escape');
  await page.getByTestId('connect-code').waitFor({ state: 'detached' });
}

async function removing(page) {
  await machines(page);
  await page.getByTestId('machine-more').first().click();
  await page.getByRole('menuitem').last().click();
  await page.getByTestId('confirm').waitFor();
}

async function addressing(page) {
  await machines(page);
  await page.getByTestId('machine-more').first().click();
  await page.getByRole('menuitem').first().click();
  await page.getByTestId('machine-address').waitFor();
}

async function troubled(page) {
  await machines(page);
  await page.evaluate(() => {
    const { peers } = globalThis.sample;
    const machine = peers.find('machine-1');
    machine.trouble =
      'Its disk is full, so it takes nothing more. Make room on Attic; it goes on by itself.';
    machine.complete_at = null;
    globalThis.sample.call('peer.address', { machine: 'machine-1', address: '' });
  });
  await page.getByRole('alert').waitFor();
}

export async function photos(page) {
  await page.getByTestId('remote-tile').first().waitFor();
  await page.locator('[data-testid=remote-tile] img.loaded').nth(5).waitFor();
}

export async function seen(page, nth = 2) {
  await photos(page);
  await page.getByTestId('remote-tile').nth(nth).click();
  await page.getByTestId('remote-viewer').locator('img.loaded').last().waitFor();
  await page.waitForTimeout(300);
}

async function below(page) {
  await photos(page);
  await page.mouse.move(600, 500);
  for (let turn = 0; turn < 12; turn += 1) {
    await page.mouse.wheel(0, 1800);
    await page.waitForTimeout(80);
  }
  await page.waitForTimeout(400);
}

export const requests = (page) => page.getByTestId('request-row').first().waitFor();

const attic = '/machines/machine-1';
const travel = '/machines/machine-2';
const none = (page) => page.getByTestId('connect').waitFor();

export const connectingLooks = [
  { name: 'machines', hash, go: machines },
  { name: 'machines-dark', dark: true, hash, go: machines },
  { name: 'machines-phone', size: phone, hash, go: machines },
  { name: 'machines-serving', query: 'machines=serving', hash, go: machines },
  {
    name: 'machines-serving-phone-dark',
    dark: true,
    size: phone,
    query: 'machines=serving',
    hash,
    go: machines,
  },
  { name: 'machines-hosting', hash, go: hosting },
  { name: 'machines-hosting-phone-dark', dark: true, size: phone, hash, go: hosting },
  { name: 'machines-small-dark', dark: true, size: small, hash, go: machines },
  { name: 'machines-large-text', textScale: 2, hash, go: machines },
  { name: 'machines-empty', query: 'sample=12', hash, go: none },
  { name: 'machines-unnamed', query: 'sample=12&name=', hash, go: none },
  {
    name: 'machines-unnamed-phone',
    size: phone,
    dark: true,
    query: 'sample=12&name=',
    hash,
    go: none,
  },
  { name: 'machines-open', hash, go: open },
  { name: 'machines-open-phone', size: phone, dark: true, hash, go: open },
  { name: 'machines-trouble', hash, go: troubled },
  { name: 'machines-remove', hash, go: removing },
  { name: 'machines-address', dark: true, hash, go: addressing },
  { name: 'connect', query: 'sample=12', hash, go: connecting },
  { name: 'connect-dark', dark: true, query: 'sample=12', hash, go: connecting },
  { name: 'connect-invite', hash, go: inviting },
  { name: 'connect-invite-dark', dark: true, hash, go: inviting },
  { name: 'connect-invite-phone', size: phone, hash, go: inviting },
  { name: 'connect-invite-large-text', textScale: 2, hash, go: inviting },
  { name: 'connect-join', hash, go: joining },
  { name: 'connect-join-phone', size: phone, dark: true, hash, go: joining },
  { name: 'pairing', go: asked },
  { name: 'pairing-own-dark', dark: true, hash, go: askedOwn },
  { name: 'pairing-own-phone', size: phone, hash, go: askedOwn },
  { name: 'pairing-waits', hash, go: (page) => answered(page) },
  { name: 'pairing-done', hash, go: (page) => answered(page, true) },
  { name: 'pairing-failed', dark: true, hash, go: (page) => answered(page, false) },
  { name: 'machine-photos', hash: attic, go: photos },
  { name: 'machine-photos-dark', dark: true, hash: travel, go: photos },
  { name: 'machine-photos-phone', size: phone, hash: travel, go: photos },
  { name: 'machine-photos-below', hash: attic, go: below },
  { name: 'machine-viewer', hash: attic, go: seen },
  { name: 'machine-viewer-waits', hash: travel, go: (page) => seen(page, 1) },
  { name: 'machine-viewer-phone', size: phone, hash: travel, go: (page) => seen(page, 2) },
  { name: 'outbox', hash: '/outbox', go: requests },
  { name: 'outbox-phone', size: phone, dark: true, hash: '/outbox', go: requests },
];
