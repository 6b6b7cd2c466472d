/** A photo's thumbhash as a tiny picture: what stands in its place until the thumbnail is there. */
import { thumbHashToDataURL } from 'thumbhash';

const kept = new Map<string, string>();
const most = 3000;

export function placeholder(thumbhash: string): string {
  if (thumbhash === '') return '';
  const known = kept.get(thumbhash);
  if (known !== undefined) return known;
  let url = '';
  try {
    url = thumbHashToDataURL(Uint8Array.from(atob(thumbhash), (letter) => letter.charCodeAt(0)));
  } catch {
    // A hash that cannot be read is only a missing placeholder.
  }
  if (kept.size >= most) kept.delete(kept.keys().next().value ?? '');
  kept.set(thumbhash, url);
  return url;
}
