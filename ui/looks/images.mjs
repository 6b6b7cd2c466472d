/**
 * Pictures of every view of the window on its sample library, light and dark, for docs/images.
 * `npm run images [name…]`; CHROMIUM names the browser.
 */
import { join } from 'node:path';
import { looks } from './looks.mjs';
import { stage } from './stage.mjs';
import { views } from './views.mjs';

const out = join(import.meta.dirname, '../../docs/images');
const only = process.argv.slice(2);
const besides = ['made', 'search', 'linking-about', 'linking-photos', 'linking-chosen'];
const all = [...views, ...looks.filter(({ name }) => besides.includes(name))];
const theatre = await stage();
for (const view of all) {
  if (only.length > 0 && !only.some((part) => view.name.includes(part))) continue;
  for (const dark of [false, true]) {
    const heard = (words) => console.error(`${view.name}: ${words}`);
    const page = await theatre.visit({ ...view, dark }, heard);
    const path = join(out, `window-${view.name}${dark ? '-dark' : ''}.jpg`);
    await page.screenshot({ path, type: 'jpeg', quality: 65 });
    await page.close();
  }
}
await theatre.end();
