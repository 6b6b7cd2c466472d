/** The map, places, and what is edited of photos. */
import { first, phone, select, small, years } from './ways.mjs';

async function mapped(page) {
  await page.locator('.bubble').first().waitFor();
  await page.waitForTimeout(400);
}

async function chosen(page) {
  await mapped(page);
  await page.getByRole('button', { name: /Lisbon/ }).press('Enter');
  await page.getByTestId('place-photos').getByTestId('tile').first().waitFor();
}

async function closer(page) {
  await mapped(page);
  await page
    .getByRole('button', { name: /Schleswig-Holstein/ })
    .first()
    .press('Enter');
  await page.waitForTimeout(700);
  await mapped(page);
}

async function informed(page) {
  await first(page);
  await page.locator('[data-asset=asset-000007]').dblclick();
  await page.keyboard.press('i');
  await page.getByRole('textbox', { name: 'Title' }).waitFor();
  await page.locator('.spot').waitFor();
}

async function asking(page) {
  await informed(page);
  await page.getByTestId('place-change').click();
  await page.getByTestId('place-search').fill('munich');
  await page.getByRole('option').first().waitFor();
  await page.waitForTimeout(300);
}

async function timing(page) {
  await informed(page);
  await page.getByRole('button', { name: 'Change date and time' }).click();
}

async function editing(page) {
  await select(page);
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByText('Edit details').click();
  await page.getByTestId('edit-save').waitFor();
}

async function zoomed(page) {
  await first(page);
  await page.getByTestId('tile').nth(2).dblclick();
  await page.getByTestId('viewer').waitFor();
  await page.keyboard.press('z');
  await page.waitForTimeout(300);
}

async function turned(page) {
  await first(page);
  await page.getByTestId('tile').nth(1).dblclick();
  await page.getByTestId('viewer').waitFor();
  await page.keyboard.press('r');
  await page.getByText('1 photo turned right').waitFor();
}

async function sliding(page) {
  await first(page);
  await page.getByTestId('tile').nth(2).dblclick();
  await page.getByTestId('viewer').waitFor();
  await page.keyboard.press('s');
  await page.getByTestId('slides').waitFor();
}

async function more(page) {
  await first(page);
  await page.getByTestId('tile').nth(2).dblclick();
  await page.getByTestId('viewer').waitFor();
  await page.getByTestId('viewer').getByRole('button', { name: 'More' }).click();
}

const hash = '/places';

export const places = [
  { name: 'places', hash, go: mapped },
  { name: 'places-dark', dark: true, hash, go: mapped },
  { name: 'places-phone', size: phone, hash, go: mapped },
  { name: 'places-large-text', textScale: 2, hash, go: mapped },
  { name: 'places-chosen', hash, go: chosen },
  { name: 'places-chosen-dark', dark: true, hash, go: chosen },
  { name: 'places-chosen-phone', size: phone, dark: true, hash, go: chosen },
  { name: 'places-closer', hash, go: closer },
  { name: 'places-closer-dark', dark: true, size: small, hash, go: closer },
  {
    name: 'places-empty',
    hash,
    query: 'sample=empty',
    go: async (page) => {
      await page.getByTestId('first-run-later').click();
      await page.getByText('No photo here says where').waitFor();
    },
  },
  { name: 'years', go: years },
  { name: 'years-dark', dark: true, size: small, go: years },
  { name: 'years-phone', size: phone, go: years },
  { name: 'facts-edit', go: informed },
  { name: 'facts-edit-phone', size: phone, go: informed },
  { name: 'facts-time', go: timing },
  { name: 'place-sheet', go: asking },
  { name: 'place-sheet-dark', dark: true, go: asking },
  { name: 'place-sheet-phone', size: phone, go: asking },
  { name: 'edit-sheet', go: editing },
  { name: 'edit-sheet-dark', dark: true, go: editing },
  { name: 'edit-sheet-phone', size: phone, go: editing },
  { name: 'viewer-zoomed', go: zoomed },
  { name: 'viewer-turned', go: turned },
  { name: 'viewer-turned-phone', size: phone, go: turned },
  { name: 'viewer-slides', go: sliding },
  { name: 'viewer-slides-phone', size: phone, go: sliding },
  { name: 'viewer-more-phone', size: phone, go: more },
];
