/**
 * Opens every state of the window in Chromium on the sample library, keeps a picture of each under
 * looks/out, and lets axe look for serious faults. `npm run looks [name…] [--language=de]`; CHROMIUM
 * names the browser.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { looks } from './looks.mjs';
import { faultsOf, overhang, stage } from './stage.mjs';

const out = join(import.meta.dirname, 'out');
const { values, positionals: only } = parseArgs({
  allowPositionals: true,
  options: { language: { type: 'string', default: 'en-GB' } },
});
const suffix = values.language.startsWith('en') ? '' : `-${values.language}`;

mkdirSync(out, { recursive: true });
const theatre = await stage();
let faults = 0;
for (const look of looks) {
  if (only.length > 0 && !only.some((name) => look.name.includes(name))) continue;
  const fault = (text) => {
    faults += 1;
    console.error(`${look.name}: ${text}`);
  };
  try {
    const page = await theatre.visit(look, fault, values.language);
    await page.screenshot({ path: join(out, `${look.name}${suffix}.png`) });
    for (const { grave, text } of await faultsOf(page)) {
      if (grave) fault(text);
      else console.log(`${look.name}: (minor) ${text}`);
    }
    const over = await overhang(page);
    if (over > 0) fault(`${over} px wider than the window`);
    await page.close();
  } catch (error) {
    fault(error.message);
  }
}
await theatre.end();
console.log(faults === 0 ? 'No serious faults.' : `${faults} faults.`);
process.exit(faults === 0 ? 0 : 1);
