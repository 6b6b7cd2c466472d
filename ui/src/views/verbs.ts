/** What can be done with photos: one list of verbs for the toolbar, the menu and the keys. */
import { albums } from '../album/albums.svelte';
import { host, sentence, type Payload } from '../host';
import { m } from '../paraglide/messages';
import { fileName, photos } from '../shared/format';
import { mayAdd } from '../household/words';
import { takeOut } from '../link/chosen';
import { links } from '../link/links.svelte';
import { locked } from '../locked/locked.svelte';
import { peers } from '../peers/peers.svelte';
import type { MenuItem } from '../shared/menu';
import { toasts } from '../shared/toasts.svelte';
import type { Grid } from '../timeline/grid.svelte';
import { viewing } from '../viewer/viewing.svelte';
import { invitation, walls } from '../wall/walls.svelte';
import { where } from './place.svelte';
import { leaving, remove, shelve, withChosen } from './shelf';
import { sheets } from './sheets.svelte';
import { done } from '../shared/undo';

export async function favourite(ids: string[], on: boolean): Promise<void> {
  try {
    await host.call('asset.edit', { ids, favorite: on });
    const did = on ? m.did_favourite : m.did_unfavourite;
    if (ids.length > 1) await done(did({ count: ids.length }));
  } catch (thrown) {
    toasts.fail(sentence(thrown));
  }
}

/** What is edited of photos; see `asset.edit`. */
export type Edit = Omit<Payload<'asset.edit'>, 'ids'>;

/** Edits photos alike, and offers the way back. What it throws is for the form to tell. */
export async function edit(ids: string[], fields: Edit, said: string): Promise<void> {
  await host.call('asset.edit', { ids, ...fields });
  await done(said);
}

/** Turns photos by quarters, clockwise. */
export async function turn(ids: string[], quarters: 1 | -1): Promise<void> {
  try {
    await host.call('asset.edit', { ids, turn: quarters });
    const turned = { photos: photos(ids.length) };
    await done(quarters > 0 ? m.did_turn_right(turned) : m.did_turn_left(turned));
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

/** Hands the files of the chosen photos to what is beside the window. */
export function dragOut(grid: Grid): void {
  void withChosen(grid, async (ids) => {
    try {
      await host.dragOut(ids);
    } catch (thrown) {
      toasts.fail(sentence(thrown));
    }
  });
}

export function share(assets: string[]): void {
  if (assets.length === 0) return;
  sheets.open = { kind: 'share', subject: { assets }, name: photos(assets.length) };
}

/** Asks which of the links of chosen photos is to show these, too. */
export function chooseLink(assets: string[]): void {
  sheets.open = { kind: 'add to link', assets };
}

export async function addToAlbum(album: string, assets: string[]): Promise<void> {
  try {
    const added = await albums.add(album, assets);
    const title = albums.byId(album)?.title ?? '';
    if (added.length === 0) {
      toasts.say(m.already_in_album({ count: assets.length, title }));
      return;
    }
    await done(m.did_add_to_album({ photos: photos(added.length), title }));
  } catch (thrown) {
    toasts.fail(sentence(thrown));
  }
}

/** Puts an album on the wall; without a link by which guests add photos, asks for one before. */
export function startWall(album: string): void {
  const title = albums.byId(album)?.title ?? '';
  if (invitation(album)) walls.show(album);
  else sheets.open = { kind: 'wall', album, title };
}

export async function removeFromAlbum(grid: Grid, album: string, assets: string[]): Promise<void> {
  const moveOn = leaving(grid, assets);
  try {
    const removed = await albums.remove(album, assets);
    moveOn();
    if (removed.length === 0) return;
    await done(m.did_remove_from_album({ photos: photos(removed.length) }));
  } catch (thrown) {
    toasts.fail(sentence(thrown));
  }
}

export async function takeOutOfLink(grid: Grid, link: string, assets: string[]): Promise<void> {
  const moveOn = leaving(grid, assets);
  if (await takeOut(link, assets)) moveOn();
}

export async function makeCover(album: string, asset: string): Promise<void> {
  try {
    await albums.edit(album, { cover: asset });
    await done(m.did_cover());
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
    toasts.say(m.did_save({ name: fileName(to) }));
  } catch (thrown) {
    toasts.fail(sentence(thrown));
  }
}

/** Takes copies of others' photos into the library. */
export async function saveToLibrary(ids: string[]): Promise<void> {
  try {
    const saved = await host.call('asset.save', { ids });
    toasts.say(m.did_save_to_library({ photos: photos(saved.ids.length) }));
  } catch (thrown) {
    toasts.fail(sentence(thrown));
  }
}

/** Makes a photo the picture by which others see one. */
export async function makePicture(asset: string): Promise<void> {
  try {
    await host.call('person.picture', { asset });
    toasts.say(m.did_picture());
  } catch (thrown) {
    toasts.fail(sentence(thrown));
  }
}

/** Whether what is chosen is another person's: then it can be looked at and copied alone. */
export const areOthers = (grid: Grid): boolean =>
  grid.scope.kind === 'partner' || grid.someChosen('others');

/** Whether some of it is on another machine: changed by asking that, and in no album or link of this. */
export const areAway = (grid: Grid): boolean => grid.someChosen('away');

/** Whether all of it is: then copies of it can be had. */
export const allAway = (grid: Grid): boolean => grid.everyChosen((photo) => photo.away ?? false);

/** Hides photos behind the PIN; without one, leads to where it is chosen. */
export async function lock(grid: Grid, ids: string[]): Promise<boolean> {
  if (locked.hasPin) return shelve(grid, ids, 'lock');
  where.go({ view: 'locked' });
  toasts.say(m.pin_first());
  return false;
}

/** The verbs on what is chosen, as a menu. */
export function photoMenu(grid: Grid): MenuItem[] {
  const all = grid.everyChosen((photo) => photo.favourite);
  const single = grid.selection.size === 1 ? [...(grid.selection.named ?? [])].at(0) : undefined;
  const on = (act: (ids: string[]) => unknown) => () => void withChosen(grid, act);
  const items: MenuItem[] = [];
  if (single !== undefined)
    items.push({
      text: m.menu_open(),
      icon: 'eye',
      keys: m.key_enter(),
      run: () => viewing.open(grid, single),
    });
  if (grid.scope.kind === 'trash') {
    items.push(
      { text: m.restore(), icon: 'restore', run: on((ids) => shelve(grid, ids, 'restore')) },
      'line',
      {
        text: m.delete_for_good_menu(),
        icon: 'trash',
        keys: m.key_del(),
        danger: true,
        run: () => remove(grid),
      },
    );
    return items;
  }
  const hidden = grid.scope.kind === 'locked';
  const away = areAway(grid);
  const sharing = grid.scope.kind === 'album' ? albums.byId(grid.scope.album)?.sharing : undefined;
  if (areOthers(grid)) {
    items.push({ text: m.save_to_library(), icon: 'receive', run: on(saveToLibrary) });
    if (single !== undefined)
      items.push({ text: m.menu_save(), icon: 'receive', run: () => void saveCopy(single) });
    // Its owner takes anybody's photos out of an album.
    if (grid.scope.kind === 'album' && sharing?.owner === null) {
      const { album } = grid.scope;
      items.push('line', {
        text: m.menu_remove_from_album(),
        icon: 'minus',
        run: on((ids) => removeFromAlbum(grid, album, ids)),
      });
    }
    return items;
  }
  items.push(
    {
      text: all ? m.menu_no_favourite() : m.favourite(),
      icon: 'heart',
      keys: '.',
      run: () => flipFavourites(grid),
    },
    {
      text: m.edit_menu(),
      icon: 'edit',
      run: on((assets) => (sheets.open = { kind: 'edit', assets })),
    },
    { text: m.turn_right(), icon: 'turn', keys: 'R', run: on((ids) => turn(ids, 1)) },
    {
      text: m.turn_left(),
      icon: 'turnBack',
      keys: `${m.key_shift()}+R`,
      run: on((ids) => turn(ids, -1)),
    },
    'line',
  );
  if (allAway(grid)) items.push({ text: m.copy_here(), icon: 'receive', run: on(saveToLibrary) });
  if (!away && !hidden)
    items.push(
      {
        text: m.menu_new_album(),
        icon: 'plus',
        run: on((assets) => (sheets.open = { kind: 'new album', assets })),
      },
      {
        text: m.menu_add_to_album(),
        icon: 'album',
        run: on((assets) => (sheets.open = { kind: 'add to album', assets })),
      },
      ...(links.selections.length > 0
        ? [{ text: m.menu_add_to_link(), icon: 'link' as const, run: on(chooseLink) }]
        : []),
      { text: m.menu_share(), icon: 'share', run: on(share) },
    );
  if (single !== undefined)
    items.push({ text: m.menu_save(), icon: 'receive', run: () => void saveCopy(single) });
  if (single !== undefined && !hidden && !away && peers.people.some(({ is_own }) => !is_own))
    items.push({
      text: m.menu_picture(),
      icon: 'people',
      run: () => void makePicture(single),
    });
  if (single !== undefined && !hidden && !away)
    items.push({
      text: m.links_of_photo(),
      icon: 'link',
      run: () => (sheets.open = { kind: 'links of', asset: single }),
    });
  if (grid.scope.kind === 'album' && (!sharing || mayAdd(sharing))) {
    const { album } = grid.scope;
    items.push('line');
    if (single !== undefined)
      items.push({
        text: m.menu_cover(),
        icon: 'picture',
        run: () => void makeCover(album, single),
      });
    items.push({
      text: m.menu_remove_from_album(),
      icon: 'minus',
      run: on((ids) => removeFromAlbum(grid, album, ids)),
    });
  }
  if (grid.scope.kind === 'link') {
    const { link } = grid.scope;
    items.push('line', {
      text: m.menu_take_out_of_link(),
      icon: 'minus',
      run: on((ids) => takeOutOfLink(grid, link, ids)),
    });
  }
  items.push('line');
  if (hidden)
    items.push({
      text: m.unlock(),
      icon: 'timeline',
      run: on((ids) => shelve(grid, ids, 'unlock')),
    });
  else
    items.push(
      grid.scope.kind === 'archive'
        ? {
            text: m.back_to_timeline(),
            icon: 'timeline',
            run: on((ids) => shelve(grid, ids, 'timeline')),
          }
        : { text: m.archive(), icon: 'archive', run: on((ids) => shelve(grid, ids, 'archive')) },
      ...(away
        ? []
        : [{ text: m.lock(), icon: 'lock' as const, run: on((ids) => lock(grid, ids)) }]),
    );
  items.push({ text: m.menu_trash(), icon: 'trash', keys: m.key_del(), run: () => remove(grid) });
  return items;
}

/** Deletes a comment, whoever wrote it, and offers the way back. */
export async function uncomment(id: string): Promise<void> {
  try {
    await host.call('comment.remove', { ids: [id] });
    await done(m.comment_deleted());
  } catch (thrown) {
    toasts.fail(sentence(thrown));
  }
}
