/** The page in the browsers that are not Chromium: opened, scrolled, a photo looked at, and back. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Sender } from './sender.mjs';

const count = 120;
const sender = new Sender();

before(() => sender.start(count));
after(() => sender.stop());

/** What every engine is asked to do: `ask` runs a function in the page, `press` clicks as people do. */
async function journey(ask, press, back) {
  await ask(async () => {
    for (
      let tries = 0;
      document.querySelectorAll('.grid li').length < 120 && tries < 100;
      tries += 1
    ) {
      scrollTo(0, document.body.scrollHeight);
      await new Promise((done) => setTimeout(done, 50));
    }
  });
  assert.equal(await ask(() => document.querySelectorAll('.grid li').length), count);
  await ask(() => document.querySelectorAll('.grid a')[110].scrollIntoView({ block: 'center' }));
  await ask(() => new Promise((done) => setTimeout(done, 300)));
  const before = await ask(() => scrollY);
  await press(`#${await ask(() => document.querySelectorAll('.grid a')[110].id)}`);
  const shown = () =>
    ask(async () => {
      for (let tries = 0; tries < 100; tries += 1) {
        const picture = [...document.querySelectorAll('dialog[open] .stage img')].pop();
        if (picture && picture.complete && picture.naturalWidth) break;
        await new Promise((done) => setTimeout(done, 50));
      }
      const heading = document.querySelector('dialog[open] h1');
      return heading && heading.textContent;
    });
  assert.match(await shown(), /111 of 120/);
  assert.match(await ask(() => location.pathname), /\/photo\//);
  await back();
  await ask(async () => {
    for (let tries = 0; document.querySelector('dialog[open]') && tries < 100; tries += 1) {
      await new Promise((done) => setTimeout(done, 50));
    }
  });
  assert.equal(await ask(() => document.querySelectorAll('dialog[open]').length), 0);
  const moved = Math.abs((await ask(() => scrollY)) - before);
  assert.ok(moved < 5, `the album moved by ${moved} px`);
  const pictures = await ask(
    () =>
      [...document.querySelectorAll('.grid img')].filter(
        (picture) =>
          picture.getBoundingClientRect().top > 0 &&
          picture.getBoundingClientRect().bottom < innerHeight &&
          picture.naturalWidth,
      ).length,
  );
  assert.ok(pictures > 0, 'pictures of a page that was loaded later');
}

const fox = ['/usr/bin/firefox-esr', '/usr/bin/firefox'].find((place) => existsSync(place));

/** Firefox by its own Marionette: messages of JSON, each after its length and a colon. */
class Fox {
  #profile = mkdtempSync(join(tmpdir(), 'fox-'));
  #program;
  #socket;
  #held = Buffer.alloc(0);
  #waiting = new Map();
  #told = 0;

  async start() {
    writeFileSync(join(this.#profile, 'user.js'), 'user_pref("marionette.port", 0);\n');
    const words = ['--headless', '--marionette', '--no-remote', '--profile', this.#profile];
    this.#program = spawn(fox, words, { stdio: 'ignore' });
    const port = join(this.#profile, 'MarionetteActivePort');
    while (!existsSync(port)) await new Promise((done) => setTimeout(done, 100));
    this.#socket = connect(Number(readFileSync(port, 'utf8')), '127.0.0.1');
    await new Promise((greeted) => {
      this.#waiting.set('greeting', greeted);
      this.#socket.on('data', (bytes) => this.#hear(bytes));
    });
    await this.tell('WebDriver:NewSession', {});
  }

  #hear(bytes) {
    this.#held = Buffer.concat([this.#held, bytes]);
    for (;;) {
      const colon = this.#held.indexOf(58);
      const length = Number(this.#held.subarray(0, Math.max(colon, 0)));
      if (colon < 0 || this.#held.length < colon + 1 + length) return;
      const message = JSON.parse(this.#held.subarray(colon + 1, colon + 1 + length));
      this.#held = this.#held.subarray(colon + 1 + length);
      this.#waiting.get(Array.isArray(message) ? message[1] : 'greeting')?.(message);
    }
  }

  async tell(command, words) {
    const id = (this.#told += 1);
    const text = JSON.stringify([0, id, command, words]);
    const answer = new Promise((answered) => this.#waiting.set(id, answered));
    this.#socket.write(`${Buffer.byteLength(text)}:${text}`);
    const [, , error, value] = await answer;
    if (error) throw new Error(`${command}: ${error.message}`);
    return value && 'value' in value ? value.value : value;
  }

  async stop() {
    const ended = new Promise((done) => this.#program.once('exit', done));
    this.#socket?.destroy();
    this.#program.kill();
    await ended;
    rmSync(this.#profile, { recursive: true, force: true });
  }
}

/** A function as the text of a script that tells its value to the last argument. */
const script = (code) => `
  const done = arguments[arguments.length - 1];
  Promise.resolve((${code})()).then((value) => done(value === undefined ? null : value));`;

test('Firefox', { skip: fox ? false : 'Firefox is not here' }, async () => {
  const link = sender.link();
  const browser = new Fox();
  try {
    await browser.start();
    await browser.tell('WebDriver:Navigate', { url: link.here });
    await journey(
      (code) => browser.tell('WebDriver:ExecuteAsyncScript', { script: script(code), args: [] }),
      async (value) => {
        const found = await browser.tell('WebDriver:FindElement', { using: 'css selector', value });
        await browser.tell('WebDriver:ElementClick', { id: Object.values(found)[0] });
      },
      () => browser.tell('WebDriver:Back', {}),
    );
  } finally {
    await browser.stop();
  }
});

const libraries = '/usr/lib/x86_64-linux-gnu';
const mini = (existsSync(libraries) ? readdirSync(libraries) : [])
  .filter((name) => name.startsWith('webkit2gtk-'))
  .map((name) => `${libraries}/${name}/MiniBrowser`)
  .find((place) => existsSync(place));
const driven = mini && existsSync('/usr/bin/WebKitWebDriver') && existsSync('/usr/bin/Xvfb');

test(
  'WebKit',
  { skip: driven ? false : 'WebKitWebDriver, its MiniBrowser or Xvfb are not here' },
  async () => {
    const link = sender.link();
    // The display says its number on the third descriptor.
    const screen = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1280x900x24'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
    const display = await new Promise((resolve) =>
      screen.stdio[3].once('data', (text) => resolve(`:${String(text).trim()}`)),
    );
    const port = 20000 + (process.pid % 20000);
    const driver = spawn('WebKitWebDriver', [`--port=${port}`], {
      stdio: 'ignore',
      env: { ...process.env, DISPLAY: display, WEBKIT_SKIA_ENABLE_CPU_RENDERING: '1' },
    });
    const tell = async (method, path, body) => {
      const answer = await fetch(`http://127.0.0.1:${port}/session${path}`, {
        method,
        body: body && JSON.stringify(body),
      });
      const { value } = await answer.json();
      if (!answer.ok) throw new Error(JSON.stringify(value));
      return value;
    };
    let session;
    try {
      const wanted = { 'webkitgtk:browserOptions': { binary: mini, args: ['--automation'] } };
      for (let tries = 0; !session; tries += 1) {
        session = await tell('POST', '', { capabilities: { alwaysMatch: wanted } }).catch(
          async (error) => {
            if (tries > 40) throw error;
            await new Promise((done) => setTimeout(done, 250));
          },
        );
      }
      const at = `/${session.sessionId}`;
      await tell('POST', `${at}/url`, { url: link.here });
      const ask = (code) => tell('POST', `${at}/execute/async`, { script: script(code), args: [] });
      const press = async (value) => {
        const found = await tell('POST', `${at}/element`, { using: 'css selector', value });
        await tell('POST', `${at}/element/${Object.values(found)[0]}/click`, {});
      };
      await journey(ask, press, () => tell('POST', `${at}/back`, {}));
    } finally {
      if (session) await tell('DELETE', `/${session.sessionId}`).catch(() => {});
      driver.kill();
      screen.kill();
    }
  },
);
