/**
 * Pictures for the sample library: small painted landscapes, drawn from a seed, so that development
 * and tests need no files. With a folder of real photos on the development server, those are used.
 */
import { rgbaToThumbHash, thumbHashToRGBA } from 'thumbhash';

export type SamplePicture = { width: number; height: number; url: string; thumbhash: string };

/** A small seeded generator (mulberry32): the sample looks the same on every run. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const moods: [sky: string, haze: string, far: string, near: string, sun: string][] = [
  ['#7fb2dd', '#dcebf2', '#8aa7a0', '#3f5f4c', '#fff6dc'],
  ['#f0a868', '#fbe3c0', '#b9786a', '#5a3d4a', '#fff1c9'],
  ['#2c3e66', '#8d7fa8', '#3d4468', '#1d2236', '#f5d9c0'],
  ['#a9c4c9', '#eef1ea', '#9fb3a4', '#5c7466', '#ffffff'],
  ['#5c9ec4', '#f3dfc1', '#c9a877', '#80633f', '#fff3d6'],
  ['#c4cbd2', '#f2f2f0', '#a5adb3', '#5f676e', '#fbfbf6'],
  ['#3f7f78', '#cfe3cf', '#5e8f6a', '#21402f', '#f6f3cf'],
  ['#d98a8a', '#f7d9c9', '#93627a', '#3c2a45', '#ffe9cf'],
];
const shapes: [number, number][] = [
  [4032, 3024],
  [3024, 4032],
  [4000, 2667],
  [2667, 4000],
  [4032, 2268],
  [3000, 3000],
  [6000, 2000],
];

function ridge(random: () => number, base: number, rise: number): string {
  let path = `M0 100 L0 ${base}`;
  for (let x = 0; x <= 100; x += 10) path += ` L${x} ${(base - random() * rise).toFixed(1)}`;
  return `${path} L100 100Z`;
}

export function painted(seed: number): SamplePicture {
  const random = seeded(seed * 7919 + 17);
  const [sky, haze, far, near, sun] = moods[Math.floor(random() * moods.length)];
  const shape = random();
  const [width, height] =
    shapes[
      shape < 0.42
        ? 0
        : shape < 0.66
          ? 1
          : shape < 0.76
            ? 2
            : shape < 0.84
              ? 3
              : shape < 0.92
                ? 4
                : shape < 0.98
                  ? 5
                  : 6
    ];
  const cx = (15 + random() * 70).toFixed(0);
  const cy = (18 + random() * 26).toFixed(0);
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100" preserveAspectRatio="none" width="${width / 8}" height="${height / 8}">` +
    `<defs><linearGradient id="s" x2="0" y2="1"><stop stop-color="${sky}"/><stop offset="1" stop-color="${haze}"/></linearGradient></defs>` +
    `<rect width="100" height="100" fill="url(#s)"/><ellipse cx="${cx}" cy="${cy}" rx="${(700 / (width / 100)) * 0.4}" ry="${(700 / (height / 100)) * 0.4}" fill="${sun}" opacity=".9"/>` +
    `<path d="${ridge(random, 66, 22)}" fill="${far}" opacity=".75"/><path d="${ridge(random, 80, 16)}" fill="${far}"/><path d="${ridge(random, 93, 12)}" fill="${near}"/></svg>`;
  return {
    width,
    height,
    url: `data:image/svg+xml,${encodeURIComponent(svg)}`,
    thumbhash: hash([sky, haze, far, near], width / height),
  };
}

function hash(colours: string[], ratio: number): string {
  const w = ratio >= 1 ? 16 : Math.max(6, Math.round(16 * ratio));
  const h = ratio >= 1 ? Math.max(6, Math.round(16 / ratio)) : 16;
  const pixels = new Uint8Array(w * h * 4);
  for (let y = 0; y < h; y += 1) {
    const place = (y / h) * (colours.length - 1);
    const [a, b] = [colours[Math.floor(place)], colours[Math.ceil(place)]];
    for (let x = 0; x < w; x += 1) {
      for (let channel = 0; channel < 3; channel += 1) {
        const from = Number.parseInt(a.slice(1 + channel * 2, 3 + channel * 2), 16);
        const to = Number.parseInt(b.slice(1 + channel * 2, 3 + channel * 2), 16);
        pixels[(y * w + x) * 4 + channel] = from + (to - from) * (place % 1);
      }
      pixels[(y * w + x) * 4 + 3] = 255;
    }
  }
  return btoa(String.fromCharCode(...rgbaToThumbHash(w, h, pixels)));
}

/** The same picture after so many quarter turns, clockwise. */
export function turned(picture: SamplePicture, quarters: number): SamplePicture {
  if (quarters === 0) return picture;
  const { url, width, height, thumbhash } = picture;
  const [across, down] = quarters % 2 ? [height, width] : [width, height];
  const address = url.replace(/&/g, '&amp;').replace(/"/g, '&quot;');
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${-across / 2} ${-down / 2} ${across} ${down}" width="${across / 8}" height="${down / 8}">` +
    `<image href="${address}" x="${-width / 2}" y="${-height / 2}" width="${width}" height="${height}" preserveAspectRatio="none" transform="rotate(${quarters * 90})"/></svg>`;
  let seen = thumbHashToRGBA(Uint8Array.from(atob(thumbhash), (letter) => letter.charCodeAt(0)));
  for (let turn = 0; turn < quarters; turn += 1) seen = aQuarterOn(seen);
  return {
    width: across,
    height: down,
    url: `data:image/svg+xml,${encodeURIComponent(svg)}`,
    thumbhash: btoa(String.fromCharCode(...rgbaToThumbHash(seen.w, seen.h, seen.rgba))),
  };
}

function aQuarterOn({
  w,
  h,
  rgba,
}: ReturnType<typeof thumbHashToRGBA>): ReturnType<typeof thumbHashToRGBA> {
  const seen = { w: h, h: w, rgba: new Uint8Array(rgba.length) };
  for (let y = 0; y < h; y += 1)
    for (let x = 0; x < w; x += 1)
      seen.rgba.set(rgba.subarray((y * w + x) * 4, (y * w + x + 1) * 4), (x * h + (h - 1 - y)) * 4);
  return seen;
}

/** The real photos that the development server was told to offer, if any. */
export async function offered(): Promise<SamplePicture[]> {
  try {
    const names: string[] = await (await fetch('/sample-photos')).json();
    return await Promise.all(names.map(opened));
  } catch {
    return [];
  }
}

async function opened(name: string): Promise<SamplePicture> {
  const image = new Image();
  image.src = `/sample-photos/${encodeURIComponent(name)}`;
  await image.decode();
  const { naturalWidth: width, naturalHeight: height } = image;
  const scale = 90 / Math.max(width, height);
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext('2d');
  if (!context) return { width, height, url: image.src, thumbhash: '' };
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  const bytes = rgbaToThumbHash(canvas.width, canvas.height, data);
  return { width, height, url: image.src, thumbhash: btoa(String.fromCharCode(...bytes)) };
}
