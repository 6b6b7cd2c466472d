/** What is looked for: words, and facts that must hold as well. It is written in the window's address. */
import type { KindName } from '../bindings/KindName';
import type { Payload } from '../host';

export type Wish = {
  words: string;
  type?: KindName;
  favourites?: true;
  stars?: number;
  place?: 'known' | 'unknown';
  camera?: string;
  album?: string;
  /** Days, like 2026-05-03. */
  from?: string;
  to?: string;
};

export const kinds: KindName[] = ['photo', 'video', 'live', 'raw'];
const day = /^\d{4}-\d{2}-\d{2}$/;

/** What the node is asked for. */
export function question(wish: Wish): Payload<'timeline'> {
  const { words, type, favourites, stars, place, camera, album, from, to } = wish;
  return {
    query: words,
    ...(type && { type }),
    ...(favourites && { favorites: true }),
    ...(stars && { rating_at_least: stars }),
    ...(place === 'known' && { with_place: true }),
    ...(place === 'unknown' && { without_place: true }),
    ...(camera && { camera }),
    ...(album && { album }),
    ...(from && { from }),
    ...(to && { to }),
  };
}

/** A wish as text, the same for the same wish. */
export function written(wish: Wish): string {
  const said = Object.entries(wish).filter(([, value]) => value !== undefined && value !== '');
  const pairs = said.map(([name, value]) => [name, String(value)]);
  return new URLSearchParams(pairs.toSorted(([a], [b]) => a.localeCompare(b))).toString();
}

/** A wish from its text; what is none of its facts is passed over. */
export function understood(text: string): Wish {
  const said = new URLSearchParams(text);
  const one = (name: string) => said.get(name) || undefined;
  const stars = Number(one('stars'));
  const place = one('place');
  const date = (name: string) => (day.test(one(name) ?? '') ? one(name) : undefined);
  const wish: Wish = {
    words: one('words') ?? '',
    type: kinds.find((kind) => kind === one('type')),
    favourites: one('favourites') === 'true' ? true : undefined,
    stars: stars >= 1 && stars <= 5 ? Math.floor(stars) : undefined,
    place: place === 'known' || place === 'unknown' ? place : undefined,
    camera: one('camera'),
    album: one('album'),
    from: date('from'),
    to: date('to'),
  };
  return JSON.parse(JSON.stringify(wish)) as Wish;
}

/** Whether it asks for nothing. */
export function isEmpty(wish: Wish): boolean {
  return written(wish) === '';
}
