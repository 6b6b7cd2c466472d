/**
 * What people's own clients do to a link: tus-js-client and tuspy, as they are published, send files while
 * either side is killed (`--clients`); whether an upload's answer tells what the library has (`--asked`); and,
 * by itself only, ten gigabytes over a slow line that breaks (`--big`). A folder with the packages is named first; what is sent lies there meanwhile.
 */
import { execFileSync, spawn } from 'node:child_process';
import { createHash, randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { big } from './big.mjs';
import { Network } from './network.mjs';
import { Sender } from './sender.mjs';

/** Files that each client sends, and how often each side is killed meanwhile. */
const [files, kills] = [200, 10];
/** The most bytes by which a file differs from the others of its kind. */
const most = 300_000;
/** Runs after which a client that does not come to its end is given up. */
const patience = 100;
/** Uploads of bytes that the library has, and as many of others. */
const asked = 500;
/** How far apart the medians of their times may be. */
const apart = 0.05;

const [folder, way] = process.argv.slice(2);
const sha256 = (file) => createHash('sha256').update(readFileSync(file)).digest('hex');

/** Makes files of several kinds, no two of which have the same bytes or the same length. */
function mixed(sender) {
  const from = join(sender.folder, 'mixed');
  mkdirSync(from);
  const [photo] = readdirSync(join(sender.folder, 'photos'));
  const jpeg = readFileSync(join(sender.folder, 'photos', photo));
  const scene = ['-f', 'lavfi', '-i', 'mandelbrot=size=640x360:rate=25'];
  const kinds = ['png', 'gif', 'webp', 'tiff', 'mp4', 'mov'].map((kind) => {
    const file = join(sender.folder, `one.${kind}`);
    const frames = kind.startsWith('m') ? '25' : '1';
    const words = ['-nostdin', '-v', 'error', ...scene, '-frames:v', frames, file];
    execFileSync('ffmpeg', words, { stdio: ['ignore', 'ignore', 'inherit'] });
    return [kind, readFileSync(file)];
  });
  kinds.push(['jpg', jpeg]);
  const lengths = new Set();
  while (lengths.size < files) lengths.add(randomInt(8, most));
  let bytes = 0;
  for (const [number, length] of [...lengths].entries()) {
    const [kind, start] = kinds[number % kinds.length];
    const more = randomBytes(length);
    // Readers of films skip a box of this name.
    if (kind.startsWith('m')) {
      more.writeUInt32BE(length);
      more.write('free', 4);
    }
    const name = `${String(number).padStart(3, '0')}.${kind}`;
    appendFileSync(join(from, name), Buffer.concat([start, more]));
    bytes += start.length + length;
  }
  return { from, bytes, kinds: kinds.length };
}

/** Lets a client send, kills it and the listener by turns at random bytes, and compares what waits. */
async function strike(name, words) {
  const [sender, network] = [new Sender(folder), new Network()];
  try {
    await sender.start(1);
    await network.start(sender.url);
    const { from, bytes, kinds } = mixed(sender);
    const { path } = sender.link('--upload');
    const notes = join(sender.folder, 'notes');
    const order = [...words.slice(1), `${network.url}${path}/upload`, from, notes];
    const killed = { client: 0, listener: 0 };
    let [client, risen] = [null, Promise.resolve()];
    for (let turn = 0; turn < 2 * kills; turn += 1) {
      const side = turn % 2 ? 'listener' : 'client';
      network.mark(randomInt(1, bytes), () => {
        killed[side] += 1;
        if (side === 'client') client.kill('SIGKILL');
        else risen = risen.then(() => sender.again());
      });
    }
    let [runs, code, said] = [0, null, ''];
    while (code !== 0 && runs < patience) {
      runs += 1;
      client = spawn(words[0], order, { stdio: ['ignore', 'ignore', 'pipe'] });
      said = '';
      client.stderr.on('data', (more) => (said += more));
      [code] = await once(client, 'close');
      await risen;
      if (code) await pause(500);
    }
    if (code !== 0) console.error(`${name} did not come to its end: ${said}`);
    const times = new Map(readdirSync(from).map((file) => [sha256(join(from, file)), 0]));
    const { waiting, groups } = sender.tell('inbox', 'list');
    const copy = join(sender.folder, 'copy');
    for (const { id } of groups.flatMap(({ uploads }) => uploads)) {
      sender.tell('inbox', 'write', id, '--to', copy);
      const sum = sha256(copy);
      if (times.has(sum)) times.set(sum, times.get(sum) + 1);
      rmSync(copy);
    }
    const well = [...times.values()].filter((count) => count === 1).length;
    const row = [name, files, kinds, (bytes / 1e6).toFixed(0), killed.client, killed.listener];
    console.log(`| ${[...row, runs, waiting, well].join(' | ')} |`);
    return waiting === files && well === files;
  } finally {
    network.stop();
    await sender.stop();
  }
}

/** Sends a file by itself; how all the answers look, and how long it took in milliseconds. */
async function send(url, path, bytes) {
  const tus = { 'Tus-Resumable': '1.0.0' };
  const began = performance.now();
  const made = await fetch(`${url}${path}/upload`, {
    method: 'POST',
    headers: { ...tus, 'Upload-Length': String(bytes.length) },
  });
  const at = made.headers.get('location');
  const whole = await fetch(url + at, {
    method: 'PATCH',
    headers: { ...tus, 'Upload-Offset': '0', 'Content-Type': 'application/offset+octet-stream' },
    body: bytes,
  });
  const body = await whole.text();
  const took = performance.now() - began;
  const state = await fetch(url + at, { method: 'HEAD', headers: tus });
  const looks = [made, whole, state].map(({ status, headers }) => [status, ...headers.keys()]);
  const form = at.replace(path, '').replace(/[\w-]{22}$/, 'item');
  return { looks: JSON.stringify([looks, form, await made.text(), body]), took };
}

/** Sends bytes that the library has and others by turns, and compares the answers and their times. */
async function ask() {
  const sender = new Sender(folder);
  try {
    await sender.start(1);
    const { path } = sender.link('--upload', '--upload-files', String(2 * asked));
    const own = sender.photos('own', asked);
    // What is after a JPEG's end shows nowhere: the others differ from these in one byte alone.
    const list = readdirSync(own).map((name) => join(own, name));
    for (const file of list) appendFileSync(file, Buffer.of(0));
    sender.tell('import', own);
    const sides = [0, 1].map((end) => ({ end, looks: new Set(), times: [] }));
    // In no order at all, or what one leaves to be done would fall to those of the other side.
    const all = list.flatMap((file) => sides.map((side) => ({ file, side })));
    while (all.length > 0) {
      const [{ file, side }] = all.splice(randomInt(all.length), 1);
      const bytes = readFileSync(file);
      bytes[bytes.length - 1] = side.end;
      const { looks, took } = await send(sender.url, path, bytes);
      side.looks.add(looks);
      side.times.push(took);
    }
    const [known, other] = sides.map(({ times }) => times.sort((a, b) => a - b)[times.length >> 1]);
    const looks = new Set(sides.flatMap((side) => [...side.looks]));
    const ratio = known / other;
    console.log('| Uploads | in the library | not | ways an answer looked | ratio |');
    console.log('|---|---|---|---|---|');
    const words = [2 * asked, `${known.toFixed(1)} ms`, `${other.toFixed(1)} ms`, looks.size];
    console.log(`| ${[...words, ratio.toFixed(3)].join(' | ')} |`);
    return looks.size === 1 && Math.abs(ratio - 1) <= apart;
  } finally {
    await sender.stop();
  }
}

/** All of what the clients are to come through. */
async function strikes() {
  const client = (name) => join(import.meta.dirname, 'clients', name);
  const python = process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python'];
  const clients = {
    'tus-js-client': [process.execPath, client('tus-js-client.mjs'), folder],
    tuspy: [join(folder, 'python', ...python), client('tuspy.py')],
  };
  const columns = ['Client', 'files', 'kinds', 'MB', 'client killed', 'listener killed', 'runs'];
  console.log(`| ${[...columns, 'wait in the inbox', 'bit for bit and once'].join(' | ')} |`);
  console.log('|---|---|---|---|---|---|---|---|---|');
  let well = true;
  for (const [name, words] of Object.entries(clients)) well = (await strike(name, words)) && well;
  return well;
}

// What runs that were broken off left there.
for (const left of readdirSync(folder).filter((name) => name.startsWith('sender-'))) {
  rmSync(join(folder, left), { recursive: true });
}
const parts = { '--clients': strikes, '--asked': ask, '--big': () => big(folder) };
const wanted = way ? [parts[way]] : [strikes, ask];
for (const part of wanted) if (!(await part())) process.exitCode = 1;
