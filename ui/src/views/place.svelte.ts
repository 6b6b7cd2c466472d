/** Where in the window the reader is. It is kept in the address, so Back is the browser's own. */
import { understood, written, type Wish } from '../search/wish';

export type Place =
  | {
      view:
        | 'timeline'
        | 'favourites'
        | 'albums'
        | 'places'
        | 'links'
        | 'inbox'
        | 'news'
        | 'partners'
        | 'machines'
        | 'originals'
        | 'outbox'
        | 'folders'
        | 'duplicates'
        | 'archive'
        | 'locked'
        | 'trash'
        | 'settings';
    }
  | { view: 'album'; id: string }
  /** The photos that were chosen for a link. */
  | { view: 'link'; id: string }
  /** The photos of another machine, its albums, */
  | { view: 'machine'; id: string; part?: 'albums' }
  /** or one of those. */
  | { view: 'machine'; id: string; part: 'album'; album: string }
  /** The library of somebody else: all of it, its albums, its map, */
  | { view: 'partner'; id: string; part: 'timeline' | 'albums' | 'map' }
  /** one of its albums, */
  | { view: 'partner'; id: string; part: 'album'; album: string }
  /** or what was found in it. */
  | { view: 'partner'; id: string; part: 'search'; wish: Wish }
  | { view: 'search'; wish: Wish };

const views = [
  'favourites',
  'albums',
  'places',
  'links',
  'inbox',
  'news',
  'partners',
  'machines',
  'originals',
  'outbox',
  'folders',
  'duplicates',
  'archive',
  'locked',
  'trash',
  'settings',
] as const;

export function read(hash: string): Place {
  const [view, id, part, which] = hash.replace(/^#\/?/, '').split('/');
  if (view === 'search') return { view, wish: understood(decodeURIComponent(id ?? '')) };
  if (view === 'albums' && id) return { view: 'album', id: decodeURIComponent(id) };
  if (view === 'links' && id) return { view: 'link', id: decodeURIComponent(id) };
  if (view === 'machines' && id) return machine(decodeURIComponent(id), part, which);
  if (view === 'partners' && id) return partner(decodeURIComponent(id), part, which);
  return { view: views.find((one) => one === view) ?? 'timeline' };
}

function machine(id: string, part?: string, which = ''): Place {
  const album = decodeURIComponent(which);
  if (part !== 'albums') return { view: 'machine', id };
  return album
    ? { view: 'machine', id, part: 'album', album }
    : { view: 'machine', id, part: 'albums' };
}

function partner(id: string, part?: string, which = ''): Place {
  const text = decodeURIComponent(which);
  if (part === 'search') return { view: 'partner', id, part, wish: understood(text) };
  if (part === 'albums' && text) return { view: 'partner', id, part: 'album', album: text };
  const plain = part === 'albums' || part === 'map';
  return { view: 'partner', id, part: plain ? part : 'timeline' };
}

export function address(place: Place): string {
  if (place.view === 'search') return `#/search/${encodeURIComponent(written(place.wish))}`;
  if (place.view === 'album') return `#/albums/${encodeURIComponent(place.id)}`;
  if (place.view === 'link') return `#/links/${encodeURIComponent(place.id)}`;
  if (place.view === 'machine') {
    const albums = place.part === undefined ? '' : '/albums';
    const one = place.part === 'album' ? `/${encodeURIComponent(place.album)}` : '';
    return `#/machines/${encodeURIComponent(place.id)}${albums}${one}`;
  }
  if (place.view === 'partner') return `#/partners/${encodeURIComponent(place.id)}${within(place)}`;
  return `#/${place.view}`;
}

/** Where in somebody's library. */
function within(place: Extract<Place, { view: 'partner' }>): string {
  if (place.part === 'album') return `/albums/${encodeURIComponent(place.album)}`;
  if (place.part === 'search') return `/search/${encodeURIComponent(written(place.wish))}`;
  return place.part === 'timeline' ? '' : `/${place.part}`;
}

class Where {
  now = $state.raw<Place>(read(typeof location === 'undefined' ? '' : location.hash));
  /** The sidebar over the page, in a narrow window. */
  sidebar = $state(false);

  start(): () => void {
    const moved = () => {
      this.now = read(location.hash);
      this.sidebar = false;
    };
    addEventListener('hashchange', moved);
    return () => removeEventListener('hashchange', moved);
  }

  /** As `go`, but Back leads past where one is now: a search that changes stays one step. */
  turn(place: Place): void {
    history.replaceState(history.state, '', address(place));
    this.now = place;
  }

  go(place: Place): void {
    location.hash = address(place);
    this.now = place;
    this.sidebar = false;
  }
}

export const where = new Where();
