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
