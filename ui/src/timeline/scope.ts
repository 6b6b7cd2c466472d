/** Which photos a grid has, in the window's words and in the node's. */
import type { Payload } from '../host';
import { question as found, written, type Wish } from '../search/wish';

export type Scope =
  | { kind: 'all' | 'favourites' | 'archive' | 'trash' | 'locked' }
  | { kind: 'album'; album: string }
  /** What a link of chosen photos shows. */
  | { kind: 'link'; link: string }
  | { kind: 'area'; area: string }
  /** Somebody else's library, or what of it is in an album, on the map or found. */
  | { kind: 'partner'; partner: string; album?: string; area?: string; wish?: Wish }
  | { kind: 'search'; wish: Wish };

/** What the node is asked for to show a place. */
export function question(scope: Scope): Payload<'timeline'> {
  if (scope.kind === 'album') return { album: scope.album };
  if (scope.kind === 'link') return { link: scope.link };
  if (scope.kind === 'area') return { area: scope.area };
  if (scope.kind === 'search') return found(scope.wish);
  if (scope.kind === 'partner') return ofPartner(scope);
  if (scope.kind === 'favourites') return { favorites: true };
  return scope.kind === 'all' ? {} : { shelf: scope.kind };
}

function ofPartner({ partner, album, area, wish }: Extract<Scope, { kind: 'partner' }>) {
  const { album: within = album, ...words } = wish ? found(wish) : {};
  return { ...words, partner, ...(area && { area }), ...(within && { partner_album: within }) };
}

/** What a place stays known by; those that begin with `lately/` are let go of after some others. */
export function keyOf(scope: Scope): string {
  if (scope.kind === 'album') return `album/${scope.album}`;
  if (scope.kind === 'link') return `lately/link/${scope.link}`;
  if (scope.kind === 'area') return `lately/area/${scope.area}`;
  if (scope.kind === 'search') return `lately/search/${written(scope.wish)}`;
  if (scope.kind === 'partner') {
    const { partner, album = '', area = '', wish } = scope;
    const part = [album, area, wish ? written(wish) : ''].join('/');
    return part === '//' ? `partner/${partner}` : `lately/partner/${partner}/${part}`;
  }
  return scope.kind;
}

/** Whether its photos stand newest first under months and days. */
export function isDated(scope: Scope): boolean {
  if (scope.kind === 'partner') return scope.album === undefined;
  return scope.kind !== 'album' && scope.kind !== 'trash';
}
