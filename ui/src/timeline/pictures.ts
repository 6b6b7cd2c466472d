/** Tells those who wait for a rendition that its photo has changed. One listener for all of them. */
import { host, type Host } from '../host';

const waiting = new Map<string, Set<() => void>>();
let listening: Host | undefined;

export function whenChanged(asset: string, tell: () => void): () => void {
  if (listening !== host) {
    listening = host;
    host.onChange(({ noun, id }) => {
      if (noun === 'everything' || (noun === 'asset' && id === null)) {
        for (const all of [...waiting.values()]) for (const one of [...all]) one();
      } else if (noun === 'asset' && id !== null) {
        for (const one of [...(waiting.get(id) ?? [])]) one();
      }
    });
  }
  const mine = waiting.get(asset) ?? new Set();
  mine.add(tell);
  waiting.set(asset, mine);
  return () => {
    mine.delete(tell);
    if (mine.size === 0) waiting.delete(asset);
  };
}

/** The last pictures that have been on screen: they come back without fading in again. */
export const seen = new Set<string>();
const most = 4000;

export function keepSeen(address: string): void {
  if (seen.size >= most) seen.delete(seen.keys().next().value ?? '');
  seen.add(address);
}
