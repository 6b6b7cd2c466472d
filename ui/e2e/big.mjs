/** Ten gigabytes of films, sent by tus-js-client over a slow line that breaks every 20 seconds. */
import { execFileSync } from 'node:child_process';
import { createCipheriv, createHash, randomBytes } from 'node:crypto';
import { createReadStream, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { Network } from './network.mjs';
import { Sender } from './sender.mjs';

/** Three films, for a link takes no longer ones than 4 GB. */
const [films, length] = [3, 3_400_000_000];
/** Bytes a second, and milliseconds between breaks. */
const [rate, breaks] = [40_000_000, 20_000];
/** Bytes of memory that the listener may have more than before. */
const more = 64_000_000;
/** Bytes made at once. */
const piece = 256 << 10;

/** A short film with a box after it in which are bytes like noise, which are made when they are read. */
class Film {
  #head;
  #key = randomBytes(16);
  size = length;

  constructor(short) {
    const box = Buffer.alloc(16);
    box.writeUInt32BE(1);
    box.write('free', 4);
    box.writeBigUInt64BE(BigInt(length - short.length), 8);
    this.#head = Buffer.concat([short, box]);
  }

  /** The bytes from `start` to before `end`. */
  *#pieces(start, end) {
    const head = this.#head.subarray(start, end);
    if (head.length > 0) yield head;
    let at = Math.max(start, this.#head.length);
    // The key stream is begun at the block that has the byte `at`.
    const counter = Buffer.alloc(16);
    counter.writeUInt32BE(Math.floor(at / 16), 12);
    const noise = createCipheriv('aes-128-ctr', this.#key, counter);
    noise.update(Buffer.alloc(at % 16));
    const zeros = Buffer.alloc(piece);
    for (; at < end; at += piece) yield noise.update(zeros.subarray(0, Math.min(piece, end - at)));
  }

  /** What tus-js-client asks a source for. */
  async slice(start, end) {
    const until = Math.min(end, length);
    const value = Readable.from(this.#pieces(start, until), { objectMode: false });
    return { value: Object.assign(value, { size: until - start }), done: until === length };
  }

  close() {}

  /** Its SHA-256. */
  async sum() {
    const hash = createHash('sha256');
    await pipeline(Readable.from(this.#pieces(0, length)), hash);
    return hash.digest('hex');
  }
}

/** Bytes of memory that a process has now; Linux tells. */
function memory(pid) {
  const [, kilobytes] = readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmRSS:\s+(\d+) kB/);
  return 1024 * Number(kilobytes);
}

/** Sends them, and tells whether they arrived and what memory that took. */
export async function big(folder) {
  if (process.platform !== 'linux') {
    console.log('skipped: only Linux tells what memory a process has');
    return true;
  }
  const { Upload } = createRequire(join(folder, 'package.json'))('tus-js-client');
  const [sender, network] = [new Sender(folder), new Network()];
  let [highest, cuts, watching] = [0, 0, true];
  try {
    await sender.start(1);
    await network.start(sender.url);
    network.throttle(rate);
    const short = join(sender.folder, 'short.mp4');
    const scene = ['-f', 'lavfi', '-i', 'mandelbrot=size=1280x720:rate=25', '-t', '2'];
    const words = ['-nostdin', '-v', 'error', ...scene, '-movflags', 'faststart', short];
    execFileSync('ffmpeg', words, { stdio: ['ignore', 'ignore', 'inherit'] });
    const { path } = sender.link('--upload', '--upload-bytes', String(films * length));
    await pause(3_000);
    const idle = memory(sender.pid);
    const watch = (async () => {
      for (; watching; await pause(100)) highest = Math.max(highest, memory(sender.pid));
    })();
    const cutting = setInterval(() => {
      cuts += 1;
      network.cut();
    }, breaks);
    const began = performance.now();
    const sums = [];
    for (let number = 0; number < films; number += 1) {
      const film = new Film(readFileSync(short));
      await new Promise((resolve, reject) => {
        const upload = new Upload(film, {
          endpoint: `${network.url}${path}/upload`,
          fileReader: { openFile: async () => film },
          storeFingerprintForResuming: false,
          retryDelays: [100, 300, 1000, 3000, 10_000, 10_000],
          metadata: { filename: `${number}.mp4`, name: 'Ben' },
          onSuccess: resolve,
          onError: reject,
        });
        upload.start();
      });
      sums.push(film);
    }
    const seconds = (performance.now() - began) / 1000;
    clearInterval(cutting);
    const { groups } = sender.tell('inbox', 'list');
    const arrived = new Set();
    const copy = join(sender.folder, 'copy');
    for (const { id } of groups.flatMap(({ uploads }) => uploads)) {
      sender.tell('inbox', 'write', id, '--to', copy);
      const hash = createHash('sha256');
      await pipeline(createReadStream(copy), hash);
      arrived.add(hash.digest('hex'));
      rmSync(copy);
    }
    watching = false;
    await watch;
    let well = 0;
    for (const film of sums) well += arrived.has(await film.sum()) ? 1 : 0;
    const grown = highest - idle;
    const told = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;
    console.log('| Films | GB | seconds | breaks | bit for bit | memory before | at most | more |');
    console.log('|---|---|---|---|---|---|---|---|');
    const row = [films, (films * length) / 1e9, seconds.toFixed(0), cuts, well];
    console.log(`| ${[...row, ...[idle, highest, grown].map(told)].join(' | ')} |`);
    return well === films && grown < more;
  } finally {
    watching = false;
    network.stop();
    await sender.stop();
  }
}
