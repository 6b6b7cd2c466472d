/** Albumen's own addresses, as other programs open them: `albumen://albums/7`. */
import { read, type Place } from '../views/place.svelte';

/** The invitation by another machine that an address is; null for any other. */
export function invitationOf(address: string): string | null {
  return /^albumen:\/*pair\/\S+$/i.test(address) ? address : null;
}

/** Where an address leads; null for what is none. It shows a place, and never does anything. */
export function placeOf(address: string): Place | null {
  const match = /^albumen:\/*([a-z]+(?:\/[\w-]+)?)\/?$/i.exec(address);
  if (!match) return null;
  const place = read(`#/${match[1]}`);
  return place.view === 'timeline' && match[1] !== 'timeline' ? null : place;
}
