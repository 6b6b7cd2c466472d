/** The window on its sample library in Chromium, in the language, theme and size that is wished. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { createServer } from 'vite';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Everything is dated as seen at this moment, wherever and whenever it is looked at. */
const now = new Date('2026-11-24T10:00:00Z');

export async function stage() {
  const server = await createServer({
    root: join(import.meta.dirname, '..'),
    // What is written meanwhile must not load a page again.
    server: { port: 0, hmr: false, watch: null },
    logLevel: 'error',
  });
  await server.listen();
  const { port } = server.httpServer.address();
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
  const contexts = new Map();

  /** What looks alike shares what it has loaded, and what a page keeps: never two at once. */
  async function context(place, wish) {
    const key = JSON.stringify([place, wish]);
    if (!contexts.has(key)) contexts.set(key, await browser.newContext(wish));
    return contexts.get(key);
  }

  return {
    /** Opens a state of the window; `heard` is told of errors in it. At each `place` one at a time. */
    async visit(look, heard, language = 'en-GB', place = 0) {
      const [width, height] = look.size ?? [1280, 800];
      const within = await context(place, {
        viewport: { width, height },
        colorScheme: look.dark ? 'dark' : 'light',
        contrast: look.contrast ? 'more' : 'no-preference',
        forcedColors: look.forced ? 'active' : 'none',
        reducedMotion: 'reduce',
        locale: language,
        timezoneId: 'UTC',
      });
      const page = await within.newPage();
      await page.clock.setFixedTime(now);
      // What one look has chosen, as how large photos are, is nothing to the next.
      await page.addInitScript(() => localStorage.clear());
      // A frame in which nothing runs refuses the script above, too.
      const told = (words) => /sandboxed/.test(words) || heard(words);
      page.on('pageerror', (error) => told(error.message));
      page.on('console', (line) => line.type() === 'error' && told(line.text()));
      const path = look.page ?? '/';
      await page.goto(
        `http://localhost:${port}${path}?${look.query ?? ''}#${look.hash ?? '/timeline'}`,
      );
      if (look.textScale)
        await page.addStyleTag({ content: `html{font-size:${look.textScale * 100}%}` });
      await look.go?.(page);
      // Not `document.fonts.ready`: it can be settled before the first letter has asked for its font.
      await page.evaluate(() => Promise.all([...document.fonts].map((face) => face.load())));
      await page.waitForFunction(() => [...document.images].every((image) => image.complete));
      await page.evaluate(
        () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))),
      );
      return page;
    },
    async end() {
      await browser.close();
      await server.close();
    },
  };
}

/** What axe finds on a page, as lines, and whether one is serious. */
export async function faultsOf(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  return violations.map(({ id, impact, nodes }) => ({
    grave: impact === 'serious' || impact === 'critical',
    text: `${id}: ${nodes
      .slice(0, 3)
      .map((node) => `${node.html.slice(0, 120)} ${node.any?.[0]?.message ?? ''}`)
      .join('\n   ')}`,
  }));
}

/** By how many px a page is wider than the window. */
export function overhang(page) {
  return page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
}
