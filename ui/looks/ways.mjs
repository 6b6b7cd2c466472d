/** Ways that lead to many states of the window, and sizes it is seen in. */

export const first = (page) => page.getByTestId('tile').first().waitFor();

export async function select(page) {
  await first(page);
  await page.getByTestId('tile').nth(1).click();
  await page
    .getByTestId('tile')
    .nth(4)
    .click({ modifiers: ['Shift'] });
  await page
    .getByTestId('tile')
    .nth(7)
    .click({ modifiers: ['Control'] });
}

export const small = [800, 600];
export const phone = [390, 760];

export async function years(page) {
  await first(page);
  for (let level = 0; level < 3; level += 1) await page.keyboard.press('Control+-');
  await page.getByTestId('month').first().waitFor();
  await page.locator('[data-month] img.loaded').first().waitFor();
}
