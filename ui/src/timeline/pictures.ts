/**
 * Tells those who wait for a rendition that its photo has changed; those who wait for another machine's,
 * that the machine has. One listener for all of them.
 */
import { host, type Host, type Keep, type Rendition } from '../host';

const waiting = new Map<string, Set<() => void>>();
let listening: Host | undefined;

export function whenChanged(what: string, tell: () => void): () => void {
  if (listening !== host) {
    listening = host;
    host.onChange(({ noun, id }) => {
      const concerns = ['asset', 'inbox', 'remote', 'peers'].includes(noun);
      if (noun === 'everything' || (concerns && id === null)) {
        for (const all of [...waiting.values()]) for (const one of [...all]) one();
      } else if (concerns && id !== null) {
        for (const one of [...(waiting.get(id) ?? [])]) one();
      }
    });
  }
  const mine = waiting.get(what) ?? new Set();
  mine.add(tell);
  waiting.set(what, mine);
  return () => {
    mine.delete(tell);
    if (mine.size === 0) waiting.delete(what);
  };
}

/**
 * Where a rendition is. A photo that is turned has another thumbhash, and so another address: what was
 * kept of the old one is not shown. Until there is a thumbhash, what comes as a thumbnail is the small
 * picture that the camera left inside.
 */
export function pictureAddress(
  id: string,
  rendition: Rendition,
  thumbhash: string,
  keep: Keep = 'library',
): string {
  const plain = host.pictureUrl(id, rendition, keep);
  if (plain.startsWith('data:')) return plain;
  if (thumbhash) return `${plain}?v=${encodeURIComponent(thumbhash)}`;
  return rendition === 'thumbnail' && keep === 'library' ? `${plain}?first` : plain;
}

/** The last pictures that have been on screen: they come back without fading in again. */
export const seen = new Set<string>();
const most = 4000;

export function keepSeen(address: string): void {
  if (seen.size >= most) seen.delete(seen.keys().next().value ?? '');
  seen.add(address);
}
