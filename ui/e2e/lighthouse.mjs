/** What Lighthouse says of a link to 300 photos and of adding some, as a phone sees it. The folder that holds the package is named first. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromiumPath, launch, phone, visit } from './browser.mjs';
import { Sender } from './sender.mjs';

const [folder] = process.argv.slice(2);
const wanted = ['performance', 'accessibility', 'best-practices'];
const sender = new Sender();
let low = 0;
try {
  await sender.start(300);
  const link = sender.link('--download', 'original', '--upload');
  const browser = await launch();
  const { page } = await visit(browser, sender.url, phone);
  await page.goto(link.here);
  const photo = await page
    .locator('.grid a')
    .nth(7)
    .evaluate((tile) => tile.href);
  await browser.close();
  const pages = { 'the album': link.here, 'a photo': photo, 'adding photos': `${link.here}/add` };
  for (const [words, address] of Object.entries(pages)) {
    const report = join(folder, 'report.json');
    execFileSync(
      process.execPath,
      [
        join(folder, 'node_modules', 'lighthouse', 'cli', 'index.js'),
        address,
        '--quiet',
        '--output=json',
        `--output-path=${report}`,
        `--only-categories=${wanted.join(',')}`,
        '--chrome-flags=--headless=new --no-sandbox --disable-gpu --disable-background-networking',
      ],
      {
        stdio: ['ignore', 'ignore', 'inherit'],
        env: { ...process.env, CHROME_PATH: chromiumPath() },
      },
    );
    const { categories, audits } = JSON.parse(readFileSync(report, 'utf8'));
    console.log(words);
    for (const name of wanted) {
      const score = Math.round(categories[name].score * 100);
      if (score < 95) low += 1;
      console.log(`  ${name}: ${score}`);
      for (const { id } of categories[name].auditRefs) {
        const { score: part, scoreDisplayMode, title, displayValue } = audits[id];
        if (part !== null && part < 0.9 && scoreDisplayMode !== 'informative') {
          console.log(`    ${title} ${displayValue ?? ''}`);
        }
      }
    }
  }
} finally {
  await sender.stop();
}
process.exitCode = low ? 1 : 0;
