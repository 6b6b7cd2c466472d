/** A friend's browser: the system's Chromium, which notes every request and every shift. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { HtmlValidate } from 'html-validate';
import { chromium } from 'playwright-core';
import { images } from './sender.mjs';

const places = [
  process.env.ALBUMEN_CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export const phone = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  hasTouch: true,
};
export const desktop = { viewport: { width: 1440, height: 900 } };

export function chromiumPath() {
  const place = places.find((place) => place && existsSync(place));
  assert.ok(place, 'there is no Chromium; set ALBUMEN_CHROMIUM to where it is');
  return place;
}

export function launch() {
  return chromium.launch({
    executablePath: chromiumPath(),
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
}

/**
 * A fresh visit: no cookie, no cache. `said` gathers what went wrong or elsewhere,
 * `first` the bytes of markup and style of the first page.
 */
export async function visit(browser, origin, options) {
  const context = await browser.newContext({ locale: 'en-GB', ...options });
  const page = await context.newPage();
  const said = [];
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (url.protocol.startsWith('http') && url.origin !== origin) said.push(`asked ${url}`);
  });
  page.on('console', (message) => {
    // A refused page is itself told as an error; the tests look at those by their status.
    const refusal = message.text().startsWith('Failed to load resource');
    if (message.type() === 'error' && !refusal) said.push(message.text());
  });
  page.on('pageerror', (error) => said.push(String(error)));
  return { context, page, said };
}

/** What moved by itself after it was first shown; nothing, where a page is calm. */
export function moved(page) {
  return page.evaluate(
    () =>
      new Promise((resolve) => {
        const told = [];
        const spot = ({ x, y, width, height }) => [x, y, width, height].map(Math.round).join(' ');
        const observer = new PerformanceObserver((list) => {
          for (const { hadRecentInput, value, sources, startTime } of list.getEntries()) {
            if (hadRecentInput) continue;
            if (sources.length === 0) told.push(`something by ${value}`);
            for (const { node, previousRect, currentRect } of sources) {
              const what = (node?.outerHTML ?? node?.textContent ?? 'something').slice(0, 80);
              const way = `from ${spot(previousRect)} to ${spot(currentRect)}`;
              told.push(`${what} ${way} after ${Math.round(startTime)} ms`);
            }
          }
        });
        observer.observe({ type: 'layout-shift', buffered: true });
        requestAnimationFrame(() => requestAnimationFrame(() => resolve(told)));
      }),
  );
}

/** What axe finds: nothing, however minor. */
export async function accessible(page, where) {
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const result = await window.axe.run(document, { resultTypes: ['violations'] });
    return result.violations.map(
      (rule) => `${rule.id} (${rule.impact}): ${rule.nodes.map((node) => node.html).join(' | ')}`,
    );
  });
  assert.deepEqual(found, [], `${where}: axe`);
}

const rules = new HtmlValidate({
  root: true,
  extends: ['html-validate:recommended'],
  // Photos are chosen by checkboxes of one name.
  rules: { 'form-dup-name': ['error', { shared: ['checkbox', 'radio'] }] },
});

/** What the page's own source has against the standard: nothing. */
export async function valid(page, where) {
  const cookies = await page.context().cookies();
  const answer = await fetch(page.url(), {
    headers: { cookie: cookies.map(({ name, value }) => `${name}=${value}`).join('; ') },
  });
  const report = await rules.validateString(await answer.text());
  const found = report.results.flatMap(({ messages }) =>
    messages.map(({ ruleId, message, line }) => `${ruleId}: ${message} (line ${line})`),
  );
  assert.deepEqual(found, [], `${where}: html-validate`);
}

/** Waits until every picture in view is painted. */
export async function painted(page) {
  await page.waitForFunction(() =>
    [...document.images].every((image) => {
      const box = image.getBoundingClientRect();
      const seen = box.top < innerHeight && box.bottom > 0;
      return !seen || (image.complete && image.naturalWidth > 0);
    }),
  );
}

/** A picture for the documents, when they are asked for. */
export async function shoot(page, name) {
  if (!images) return;
  mkdirSync(images, { recursive: true });
  await page.screenshot({ path: join(images, `page-${name}.png`) });
}
