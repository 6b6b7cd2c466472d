/** What can be done with photos: one list of verbs for the toolbar, the menu and the keys. */
import { albums } from '../album/albums.svelte';
import { host, sentence } from '../host';
import { fileName, photos } from '../shared/format';
import { locked } from '../locked/locked.svelte';
import type { MenuItem } from '../shared/menu';
import { toasts } from '../shared/toasts.svelte';
import type { Grid } from '../timeline/grid.svelte';
import { viewing } from '../viewer/viewing.svelte';
import { where } from './place.svelte';
import { leaving, remove, shelve, withChosen } from './shelf';
import { sheets } from './sheets.svelte';
import { done } from './undo';

export async function favourite(ids: string[], on: boolean): Promise<void> {
  try {
    await host.call('asset.edit', { ids, favorite: on });
    const words = on ? 'are favourites' : 'are no longer favourites';
    if (ids.length > 1) await done(`${photos(ids.length)} ${words}`);
  } catch (thrown) {
    toasts.fail(sentence(thrown));
  }
}

/** Gives a photo its stars; none takes its rating away. */
export async function rate(id: string, stars: number): Promise<void> {
  try {
    await host.call('asset.edit', { ids: [id], rating: stars });
  } catch (thrown) {
    toasts.fail(sentence(thrown));
  }
}

/** Favourites those that are not; when all are, none is afterwards. */
export function flipFavourites(grid: Grid): void {
  const on = !grid.everyChosen((photo) => photo.favourite);
  void withChosen(grid, (ids) => favourite(ids, on));
}

export function share(assets: string[]): void {
  if (assets.length === 0) return;
  sheets.open = { kind: 'share', subject: { assets }, name: photos(assets.length) };
}

export async function addToAlbum(album: string, assets: string[]): Promise<void> {
  try {
    const added = await albums.add(album, assets);
    const title = albums.byId(album)?.title ?? 'the album';
    if (added.length === 0) {
      toasts.say(`${assets.length === 1 ? 'It is' : 'They are'} in «${title}» already`);
      return;
    }
    await done(`${photos(added.length)} added to «${title}»`);
  } catch (thrown) {
    toasts.fail(sentence(thrown));
  }
}

export async function removeFromAlbum(grid: Grid, album: string, assets: string[]): Promise<void> {
  const moveOn = leaving(grid, assets);
  try {
    const removed = await albums.remove(album, assets);
    moveOn();
    await done(`${photos(removed.length)} removed from the album`);
  } catch (thrown) {
    toasts.fail(sentence(thrown));
  }
}

export async function makeCover(album: string, asset: string): Promise<void> {
  try {
    await albums.edit(album, { cover: asset });
    await done('This photo is the cover now');
  } catch (thrown) {
    toasts.fail(sentence(thrown));
  }
}

async function saveCopy(id: string): Promise<void> {
  try {
    const asset = await host.call('asset.show', { id });
    const to = await host.saveAs(asset.name);
    if (to === null) return;
    await host.call('asset.write', { id, rendition: 'original', to, replace: true });
    toasts.say(`Saved as ${fileName(to)}`);
  } catch (thrown) {
    toasts.fail(sentence(thrown));
  }
}

/** Hides photos behind the PIN; without one, leads to where it is chosen. */
export async function lock(grid: Grid, ids: string[]): Promise<boolean> {
  if (locked.hasPin) return shelve(grid, ids, 'lock');
  where.go({ view: 'locked' });
  toasts.say('Choose a PIN first, and then lock photos');
  return false;
}

/** The verbs on what is chosen, as a menu. */
export function photoMenu(grid: Grid): MenuItem[] {
  const all = grid.everyChosen((photo) => photo.favourite);
  const single = grid.selection.size === 1 ? [...(grid.selection.named ?? [])].at(0) : undefined;
  const on = (act: (ids: string[]) => unknown) => () => void withChosen(grid, act);
  const items: MenuItem[] = [];
  if (single !== undefined)
    items.push({ text: 'Open', icon: 'eye', keys: 'Enter', run: () => viewing.open(grid, single) });
  if (grid.scope.kind === 'trash') {
    items.push(
      { text: 'Restore', icon: 'restore', run: on((ids) => shelve(grid, ids, 'restore')) },
      'line',
      {
        text: 'Delete for good…',
        icon: 'trash',
        keys: 'Del',
        danger: true,
        run: () => remove(grid),
      },
    );
    return items;
  }
  const hidden = grid.scope.kind === 'locked';
  items.push(
    {
      text: all ? 'No longer a favourite' : 'Favourite',
      icon: 'heart',
      keys: '.',
      run: () => flipFavourites(grid),
    },
    'line',
  );
  if (!hidden)
    items.push(
      {
        text: 'New album…',
        icon: 'plus',
        run: on((assets) => (sheets.open = { kind: 'new album', assets })),
      },
      {
        text: 'Add to album…',
        icon: 'album',
        run: on((assets) => (sheets.open = { kind: 'add to album', assets })),
      },
      { text: 'Share…', icon: 'share', run: on(share) },
    );
  if (single !== undefined)
    items.push({ text: 'Save a copy…', icon: 'receive', run: () => void saveCopy(single) });
  if (grid.scope.kind === 'album') {
    const { album } = grid.scope;
    items.push('line');
    if (single !== undefined)
      items.push({
        text: 'Make cover',
        icon: 'picture',
        run: () => void makeCover(album, single),
      });
    items.push({
      text: 'Remove from album',
      icon: 'minus',
      run: on((ids) => removeFromAlbum(grid, album, ids)),
    });
  }
  items.push('line');
  if (hidden)
    items.push({
      text: 'Unlock',
      icon: 'timeline',
      run: on((ids) => shelve(grid, ids, 'unlock')),
    });
  else
    items.push(
      grid.scope.kind === 'archive'
        ? {
            text: 'Back to the timeline',
            icon: 'timeline',
            run: on((ids) => shelve(grid, ids, 'timeline')),
          }
        : { text: 'Archive', icon: 'archive', run: on((ids) => shelve(grid, ids, 'archive')) },
      { text: 'Lock', icon: 'lock', run: on((ids) => lock(grid, ids)) },
    );
  items.push({ text: 'Move to trash', icon: 'trash', keys: 'Del', run: () => remove(grid) });
  return items;
}
