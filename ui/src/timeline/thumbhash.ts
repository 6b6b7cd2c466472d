/** A photo's thumbhash as a tiny picture: what stands in its place until the thumbnail is there. */
import { thumbHashToAverageRGBA, thumbHashToDataURL } from 'thumbhash';

/** Its one colour: all that is drawn of a photo while the grid flies past, for it costs next to nothing. */
export function colour(thumbhash: string | Uint8Array): string {
  if (thumbhash.length === 0) return '';
  try {
    const bytes = typeof thumbhash === 'string' ? bytesOf(thumbhash) : thumbhash;
    const { r, g, b } = thumbHashToAverageRGBA(bytes);
    return `rgb(${[r, g, b].map((part) => Math.round(part * 255)).join(' ')})`;
  } catch {
    return '';
  }
}

function bytesOf(thumbhash: string): Uint8Array {
  return Uint8Array.from(atob(thumbhash), (letter) => letter.charCodeAt(0));
}

const kept = new Map<string, string>();
const most = 1000;

export function placeholder(thumbhash: string): string {
  if (thumbhash === '') return '';
  const known = kept.get(thumbhash);
  if (known !== undefined) return known;
  let url = '';
  try {
    url = thumbHashToDataURL(bytesOf(thumbhash));
  } catch {
    // A hash that cannot be read is only a missing placeholder.
  }
  if (kept.size >= most) kept.delete(kept.keys().next().value ?? '');
  kept.set(thumbhash, url);
  return url;
}
