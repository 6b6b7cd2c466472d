/**
 * What the window's views must hold, in Chromium on the sample library: axe finds nothing serious in
 * light and dark, English and German; nothing is wider than the window; and the main views look as
 * their pictures in looks/kept, but for a few pixels. `npm run views [name…] [--update]`: with it,
 * the pictures are taken anew.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import pixelmatch from 'pixelmatch';
import { PNG } from 'pngjs';
import { faultsOf, overhang, stage } from './stage.mjs';
import { views } from './views.mjs';

const kept = join(import.meta.dirname, 'kept');
const out = join(import.meta.dirname, 'out');
const { values, positionals: only } = parseArgs({
  allowPositionals: true,
  options: { update: { type: 'boolean', default: false } },
});

/** Small enough to be committed, large enough that the window is the desktop's. */
const shapes = [
  { suffix: '', size: [1120, 700] },
  { suffix: '-dark', size: [1120, 700], dark: true },
  { suffix: '-phone', size: [390, 760] },
];
/** The share of pixels that may differ: another build of the browser sets type a little otherwise. */
const tolerance = 0.01;
const largest = 60_000;

mkdirSync(kept, { recursive: true });
mkdirSync(out, { recursive: true });
const theatre = await stage();
const chosen = views.filter(
  ({ name }) => only.length === 0 || only.some((part) => name.includes(part)),
);
let faults = 0;
let again = 0;
const compared = new Set();

/** What one try finds. */
async function attempt(place, look, language, check) {
  const found = [];
  const fault = (text) => found.push(text);
  let page;
  try {
    page = await theatre.visit(look, fault, language, place);
    await check(page, fault, look);
  } catch (error) {
    fault(error.message);
  }
  await page?.close();
  return found;
}

/** A picture that differs is a fault when it does so again: a busy machine can take one too early. */
async function visit(place, look, language, check) {
  const title = `${look.name}, ${language}${look.dark ? ', dark' : ''}`;
  const first = await attempt(place, look, language, check);
  if (first.length === 0) return;
  let found = first;
  if (check === alike) {
    again += 1;
    console.error(`${title}, tried again: ${first.join('\n')}`);
    found = await attempt(place, look, language, check);
  }
  faults += found.length;
  for (const text of found) console.error(`${title}: ${text}`);
}

async function accessible(page, fault) {
  for (const { grave, text } of await faultsOf(page)) if (grave) fault(text);
  const over = await overhang(page);
  if (over > 0) fault(`${over} px wider than the window`);
}

/**
 * A screenshot at half its size and in fewer shades: what a reader would notice stays, and the file
 * is small.
 */
function sketch(bytes) {
  const whole = PNG.sync.read(bytes);
  const half = new PNG({ width: whole.width >> 1, height: whole.height >> 1 });
  for (let y = 0; y < half.height; y += 1)
    for (let x = 0; x < half.width; x += 1)
      for (let channel = 0; channel < 4; channel += 1) {
        const at = (dx, dy) =>
          whole.data[((2 * y + dy) * whole.width + 2 * x + dx) * 4 + channel] ?? 0;
        const mean = (at(0, 0) + at(1, 0) + at(0, 1) + at(1, 1)) / 4;
        half.data[(y * half.width + x) * 4 + channel] =
          channel === 3 ? 255 : Math.min(255, Math.round(mean / 8) * 8);
      }
  return half;
}

async function alike(page, fault, { picture: name }) {
  const path = join(kept, `${name}.png`);
  const now = sketch(await page.screenshot());
  if (values.update) {
    const small = PNG.sync.write(now, { colorType: 2, deflateLevel: 9 });
    writeFileSync(path, small);
    if (small.length > largest) fault(`${name}.png has ${small.length} bytes`);
    return;
  }
  if (!existsSync(path)) return fault(`${name}.png is missing; npm run views -- --update takes it`);
  const before = PNG.sync.read(readFileSync(path));
  compared.add(name);
  if (now.width !== before.width || now.height !== before.height)
    return fault(`${name}.png has another size`);
  const marked = new PNG({ width: now.width, height: now.height });
  const differ = pixelmatch(before.data, now.data, marked.data, now.width, now.height, {
    threshold: 0.2,
  });
  const share = differ / (now.width * now.height);
  if (share <= tolerance) return undefined;
  writeFileSync(join(out, `${name}-now.png`), PNG.sync.write(now));
  writeFileSync(join(out, `${name}-differs.png`), PNG.sync.write(marked));
  return fault(
    `${(share * 100).toFixed(1)} % differs from looks/kept/${name}.png; see looks/out/${name}-differs.png`,
  );
}

// Words do not depend on the theme, nor colours on the language: two passes see all four.
const passes = [
  { language: 'en-GB', dark: false },
  { language: 'de-DE', dark: true },
];
const visits = (values.update ? [] : passes).flatMap(({ language, dark }) =>
  chosen.map((view) => [{ ...view, dark }, language, accessible]),
);
for (const { suffix, ...shape } of shapes)
  for (const view of chosen.filter(({ kept }) => kept))
    visits.push([{ ...view, ...shape, picture: `${view.name}${suffix}` }, 'en-GB', alike]);

/** One after the other; several do so at once, each at a place of its own. */
async function perform(place) {
  for (let next = visits.shift(); next; next = visits.shift()) await visit(place, ...next);
}
const places = Array.from({ length: Math.min(availableParallelism(), 4) }, (_, place) => place);
await Promise.all(places.map(perform));

await theatre.end();
console.log(
  faults === 0
    ? `No serious faults in ${chosen.length} views; ${compared.size} pictures are as they were; tried again: ${again}.`
    : `${faults} faults.`,
);
process.exit(faults === 0 ? 0 : 1);
