/** Where in the window the reader is. It is kept in the address, so Back is the browser's own. */
export type Place =
  | {
      view:
        | 'timeline'
        | 'favourites'
        | 'albums'
        | 'links'
        | 'folders'
        | 'duplicates'
        | 'archive'
        | 'locked'
        | 'trash'
        | 'settings';
    }
  | { view: 'album'; id: string };

const views = [
  'favourites',
  'albums',
  'links',
  'folders',
  'duplicates',
  'archive',
  'locked',
  'trash',
  'settings',
] as const;

export function read(hash: string): Place {
  const [view, id] = hash.replace(/^#\/?/, '').split('/');
  if (view === 'albums' && id) return { view: 'album', id: decodeURIComponent(id) };
  return { view: views.find((one) => one === view) ?? 'timeline' };
}

export function address(place: Place): string {
  if (place.view === 'album') return `#/albums/${encodeURIComponent(place.id)}`;
  return `#/${place.view}`;
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

  go(place: Place): void {
    location.hash = address(place);
    this.now = place;
    this.sidebar = false;
  }
}

export const where = new Where();
