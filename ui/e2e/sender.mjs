/** The one who shares: a library of drawn photos, the `albumen` program, and its listener. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const exe = process.platform === 'win32' ? '.exe' : '';
const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const albumen = process.env.ALBUMEN_BIN ?? join(root, 'target', 'debug', `albumen${exe}`);

/** Where pictures for the documents go, when they are asked for. */
export const images = process.env.ALBUMEN_SCREENSHOTS ? join(root, 'docs', 'images') : null;

export class Sender {
  #listener;
  /** `http://127.0.0.1:<port>` */
  url = '';

  /** All of it lies in a new folder there, which is removed in the end. */
  constructor(parent = tmpdir()) {
    this.folder = mkdtempSync(join(parent, 'sender-'));
  }

  /** Draws `count` photos, imports them into an album and starts to listen. */
  async start(count) {
    const photos = this.photos('photos', count);
    this.tell('init', '--person', 'Anna', '--device', 'Desk');
    this.album = this.tell('album', 'create', 'By the sea').id;
    this.tell('import', photos, '--album', this.album);
    await this.#listen('127.0.0.1:0');
  }

  async #listen(address) {
    const words = ['--library', join(this.folder, 'library'), '--json', 'serve'];
    this.#listener = spawn(albumen, [...words, '--listen', address], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: this.#listener.stdout });
    const [line] = await new Promise((resolve, reject) => {
      lines.once('line', (text) => resolve([text]));
      this.#listener.once('error', reject);
      this.#listener.once('exit', (code) => reject(new Error(`the listener ended with ${code}`)));
    });
    this.url = `http://${JSON.parse(line).listen}`;
  }

  /** The listener is killed, without time for a last word, and starts again at the same address. */
  async again() {
    const { host } = new URL(this.url);
    await this.#end('SIGKILL');
    await this.#listen(host);
  }

  async #end(signal) {
    const { pid, exitCode, signalCode } = this.#listener ?? {};
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    this.#listener.removeAllListeners('exit');
    const gone = once(this.#listener, 'exit');
    this.#listener.kill(signal);
    await gone;
  }

  /** The listener's process. */
  get pid() {
    return this.#listener.pid;
  }

  /** Draws `count` photos into a folder of this name; returns the folder. */
  photos(name, count) {
    const folder = join(this.folder, name);
    const camera = join(dirname(albumen), `camera${exe}`);
    execFileSync(camera, [folder, String(count)], { stdio: 'ignore' });
    return folder;
  }

  /** Films six seconds with `codecs` into the album; the program `ffmpeg` must be there. */
  film(name, ...codecs) {
    const file = join(this.folder, name);
    const scene = 'mandelbrot=size=1280x720:rate=25:end_scale=0.02';
    const words = ['-nostdin', '-v', 'error', '-f', 'lavfi', '-i', scene, '-t', '6'];
    execFileSync('ffmpeg', [...words, ...codecs, file], { stdio: ['ignore', 'ignore', 'inherit'] });
    this.tell('import', file, '--album', this.album);
  }

  /** Adds a DNG that holds no picture: it says that it is one, and no more. */
  blank(name) {
    const file = join(this.folder, name);
    writeFileSync(file, Buffer.from('49492a0008000000010012c60100040000000104000000000000', 'hex'));
    this.tell('import', file, '--album', this.album);
  }

  /** Runs a command and returns its document. */
  tell(...words) {
    const library = join(this.folder, 'library');
    const answer = execFileSync(albumen, ['--library', library, '--json', ...words], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    return answer.trim() === '' ? null : JSON.parse(answer);
  }

  /** A link to the album; returns its document, with the whole address as `here`. */
  link(...options) {
    const link = this.tell('link', 'create', '--album', this.album, ...options);
    return { ...link, here: this.url + link.path };
  }

  /** It ends, and nothing is left. */
  async stop() {
    await this.#end('SIGTERM');
    rmSync(this.folder, { recursive: true, force: true });
  }
}
