/**
 * Opens every state of the window in Chromium on the sample library, keeps a picture of each under
 * looks/out, and lets axe look for serious faults. `npm run looks [name…] [--language=de]`; CHROMIUM names
 * the browser.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { createServer } from 'vite';
import { looks } from './looks.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, 'out');
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const { values, positionals: only } = parseArgs({
  allowPositionals: true,
  options: { language: { type: 'string', default: 'en-GB' } },
});
const suffix = values.language.startsWith('en') ? '' : `-${values.language}`;

mkdirSync(out, { recursive: true });
const server = await createServer({
  root: join(here, '..'),
  server: { port: 0 },
  logLevel: 'error',
});
await server.listen();
const { port } = server.httpServer.address();
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});

let faults = 0;
for (const look of looks) {
  if (only.length > 0 && !only.some((name) => look.name.includes(name))) continue;
  const [width, height] = look.size ?? [1280, 800];
  const page = await browser.newPage({
    viewport: { width, height },
    colorScheme: look.dark ? 'dark' : 'light',
    reducedMotion: 'reduce',
    locale: values.language,
  });
  page.on('pageerror', (error) => {
    faults += 1;
    console.error(`${look.name}: ${error.message}`);
  });
  page.on(
    'console',
    (line) => line.type() === 'error' && console.error(`${look.name}: ${line.text()}`),
  );
  await page.goto(`http://localhost:${port}/?${look.query ?? ''}#${look.hash ?? '/timeline'}`);
  if (look.textScale)
    await page.addStyleTag({ content: `html{font-size:${look.textScale * 100}%}` });
  try {
    await look.go?.(page);
    await page.waitForFunction(() => [...document.images].every((image) => image.complete));
    await page.evaluate(
      () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
    );
    await page.screenshot({ path: join(out, `${look.name}${suffix}.png`) });
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => globalThis.axe.run());
    for (const { id, impact, nodes } of violations) {
      const grave = impact === 'serious' || impact === 'critical';
      if (grave) faults += 1;
      console.log(
        `${look.name}: ${grave ? '' : '(minor) '}${id}: ${nodes
          .slice(0, 3)
          .map((node) => `${node.html.slice(0, 120)} ${node.any?.[0]?.message ?? ''}`)
          .join('\n   ')}`,
      );
    }
    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (over > 0) {
      faults += 1;
      console.log(`${look.name}: ${over} px wider than the window`);
    }
  } catch (error) {
    faults += 1;
    console.error(`${look.name}: ${error.message}`);
  }
  await page.close();
}
await browser.close();
await server.close();
console.log(faults === 0 ? 'No serious faults.' : `${faults} faults.`);
process.exit(faults === 0 ? 0 : 1);
