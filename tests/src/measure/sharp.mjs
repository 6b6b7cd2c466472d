// The two pictures and the thumbhash as Immich makes them of a JPEG (its
// server/src/repositories/media.repository.ts and services/media.service.ts):
// one decode by sharp to raw pixels at the preview's size, and from those the
// preview, the thumbnail and the thumbhash. Three photos at a time, as its job
// queue does. One thing differs: the preview's long side, not its short one,
// is 1440, so that both programs make pictures of one size; `--large` leaves
// it as Immich has it. `--hash` takes SHA-1 of the file first, as its upload does.
//
//   node sharp.mjs PACKAGES LIST FOLDER [--hash] [--large]
import { createHash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { pathToFileURL } from 'node:url';

const [packages, list, folder, ...flags] = process.argv.slice(2);
const require = createRequire(join(packages, 'package.json'));
const sharp = require('sharp');
const { rgbaToThumbHash } = await import(pathToFileURL(require.resolve('thumbhash')));

const fit = flags.includes('--large') ? 'outside' : 'inside';

sharp.concurrency(0);
sharp.cache({ files: 0 });

async function sha1(path) {
  const hash = createHash('sha1');
  await pipeline(createReadStream(path), hash);
  return hash.digest();
}

async function decoded(path) {
  return sharp(path, { failOn: 'error', limitInputPixels: false, unlimited: true })
    .pipelineColorspace('srgb')
    .withIccProfile('srgb')
    .rotate()
    .resize(1440, 1440, { fit, withoutEnlargement: true })
    .raw()
    .toBuffer({ resolveWithObject: true });
}

function small(data, raw) {
  return sharp(data, { failOn: 'error', limitInputPixels: false, unlimited: true, raw })
    .pipelineColorspace('srgb')
    .withIccProfile('srgb');
}

async function photo(path, number) {
  if (flags.includes('--hash')) await sha1(path);
  const { data, info } = await decoded(path);
  await Promise.all([
    sharp(data, { raw: info })
      .resize(100, 100, { fit: 'inside', withoutEnlargement: true })
      .raw()
      .ensureAlpha()
      .toBuffer({ resolveWithObject: true })
      .then(({ data, info }) => rgbaToThumbHash(info.width, info.height, data)),
    small(data, info)
      .resize(250, 250, { fit: 'outside', withoutEnlargement: true })
      .toFormat('webp', { quality: 80, chromaSubsampling: '4:4:4' })
      .toFile(join(folder, `${number}.thumbnail.webp`)),
    small(data, info)
      .toFormat('jpeg', { quality: 80, chromaSubsampling: '4:4:4' })
      .toFile(join(folder, `${number}.preview.jpg`)),
  ]);
}

const photos = readFileSync(list, 'utf8').split('\n').filter(Boolean);
const waiting = photos.entries();
await Promise.all(
  [1, 2, 3].map(async () => {
    for (const [number, path] of waiting) await photo(path, number);
  }),
);
