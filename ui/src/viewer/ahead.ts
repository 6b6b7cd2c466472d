/**
 * What is near the open photo is fetched and decoded before anyone asks for it, so that leafing on
 * shows the next one in the very next frame.
 */
import { seen } from '../timeline/pictures';

const held = new Map<string, HTMLImageElement>();

/** Keeps these pictures at hand, and lets go of all others. */
export function keepAhead(addresses: readonly string[]): void {
  for (const address of held.keys()) if (!addresses.includes(address)) held.delete(address);
  for (const address of addresses) {
    if (held.has(address) || address === '') continue;
    const image = new Image();
    held.set(address, image);
    image.src = address;
    // Decoded, it is shown without fading in.
    image.decode?.().then(
      () => seen.add(address),
      () => held.delete(address),
    );
  }
}
