/** The commands of the sample library that change photos and albums, and so can be undone. */
import type { Shift } from '../bindings/Shift';
import type { Asset } from '../bindings/Asset';
import type { EditAsset } from '../bindings/EditAsset';
import { CallError, type Change, type CommandName } from '../host';
import { commentAnswers } from './comments';
import { duplicateAnswers } from './duplicates';
import type { Answers } from './host';
import { inboxAnswers } from './inbox';
import { linkAnswers, type Linking } from './links';
import type { SampleAlbum, SampleAsset, SampleLibrary } from './library';
import { turned } from './pictures';
import { placeName } from './places';
import { SampleUndo } from './undo';

type Changing = Extract<
  CommandName,
  | 'asset.edit'
  | 'trash'
  | 'restore'
  | 'trash.empty'
  | `album.${'create' | 'list' | 'show' | 'edit' | 'delete' | 'add' | 'remove'}`
  | `comment.${string}`
  | `archive.${string}`
  | `duplicates.${string}`
  | `inbox.${string}`
  | Linking
  | 'lock.add'
  | 'lock.remove'
  | `undo${string}`
>;
type Back = (step: () => void) => void;

const photos = (count: number) => (count === 1 ? '1 photo' : `${count} photos`);

/** What an edit changes of a photo. */
export function edited(asset: Asset, wish: Omit<EditAsset, 'ids'>): Partial<Asset> {
  const { favorite, rating, title, description, taken_at, place } = wish;
  const { add_tags = [], remove_tags = [], turn = 0 } = wish;
  const plain = { favorite, rating, title, description };
  const fields: Partial<Asset> = Object.fromEntries(
    Object.entries(plain).filter(([, value]) => value !== undefined),
  );
  if (taken_at !== undefined) Object.assign(fields, { taken_at, taken_from: 'owner' });
  if (place === '') Object.assign(fields, { latitude: null, longitude: null, place: null });
  else if (place !== undefined) {
    const [latitude, longitude] = place.split(',').map(Number);
    const name = placeName(latitude, longitude);
    Object.assign(fields, { latitude, longitude, altitude: null, place: name });
  }
  if (add_tags.length + remove_tags.length > 0)
    fields.tags = [...asset.tags, ...add_tags].filter((tag) => !remove_tags.includes(tag));
  if (turn % 4 !== 0) {
    fields.turn = (((asset.turn + turn) % 4) + 4) % 4;
    if (turn % 2) Object.assign(fields, { width: asset.height, height: asset.width });
  }
  return fields;
}

export function missing(what: string): CallError {
  return new CallError('not-found', `This ${what} is no longer in the library.`);
}

export function changes(
  library: SampleLibrary,
  announce: (noun: Change['noun'], id?: string) => void,
): Pick<Answers, Changing> {
  const undo = new SampleUndo();

  function photo(id: string): SampleAsset {
    const found = library.assets.get(id);
    if (!found) throw missing('photo');
    return found;
  }

  function album(id: string): SampleAlbum {
    const found = library.albums.get(id);
    if (!found) throw missing('album');
    return found;
  }

  /** Changes some fields of a thing, and gives back how they were. */
  function set<T extends object>(thing: T, fields: Partial<T>, back: Back): void {
    const before = Object.fromEntries(
      Object.keys(fields).map((key) => [key, thing[key as keyof T]]),
    );
    if (Object.entries(fields).every(([key, value]) => before[key] === value)) return;
    Object.assign(thing, fields);
    back(() => Object.assign(thing, before));
  }

  /** Puts each of these where `to` says; those that were there already are unchanged. */
  function shift(assets: string[], way: string, to: Partial<SampleAsset['lies']>): Shift {
    const shifted: Shift = { changed: [], unchanged: [] };
    undo.record(`${photos(assets.length)} ${way}`, (back) => {
      for (const id of assets) {
        const one = photo(id);
        const before = one.lies;
        one.lies = { ...before, ...to };
        const { archived, trashed, locked } = one.lies;
        const changed =
          archived !== before.archived || trashed !== before.trashed || locked !== before.locked;
        library.settle(one);
        if (changed)
          back(() => {
            one.lies = before;
            library.settle(one);
          });
        (changed ? shifted.changed : shifted.unchanged).push(id);
      }
    });
    for (const id of assets) announce('asset', id);
    for (const { id, assets: held } of library.albums.values())
      if (held.some((one) => assets.includes(one))) announce('album', id);
    return shifted;
  }

  return {
    'asset.edit': ({ ids, ...wish }) => {
      undo.record(`${photos(ids.length)} ${wish.turn ? 'turned' : 'edited'}`, (back) => {
        for (const id of ids) {
          const one = photo(id);
          set(one.asset, edited(one.asset, wish), back);
          if (wish.turn) set(one, { picture: turned(one.original, one.asset.turn) }, back);
        }
      });
      for (const id of ids) announce('asset', id);
      return { assets: ids.map((id) => ({ ...photo(id).asset })), next: null };
    },
    trash: ({ assets }) => shift(assets, 'moved to the trash', { trashed: true }),
    restore: ({ assets }) => shift(assets, 'taken back from the trash', { trashed: false }),
    'lock.add': ({ assets }) => shift(assets, 'locked', { locked: true }),
    'lock.remove': ({ assets }) => shift(assets, 'unlocked', { locked: false }),
    'trash.empty': ({ assets = [], delete_files = false }) => {
      const going = assets.length > 0 ? assets.map(photo) : library.on('trash');
      if (going.some((one) => !one.lies.trashed))
        throw new CallError('wrong', 'This photo is not in the trash; move it there first.');
      const left = going.flatMap(({ own }) => (own === null || delete_files ? [] : [own]));
      const freed = going.filter(({ own }) => own === null || delete_files);
      for (const { asset } of going) library.assets.delete(asset.id);
      for (const { asset } of going) announce('asset', asset.id);
      announce('album');
      return {
        assets: going.length,
        bytes: freed.reduce((sum, { asset }) => sum + asset.bytes, 0),
        left,
      };
    },
    'archive.add': ({ assets }) => shift(assets, 'archived', { archived: true }),
    'archive.remove': ({ assets }) =>
      shift(assets, 'brought back into the timeline', { archived: false }),
    ...commentAnswers(library, undo, announce),
    ...duplicateAnswers(library, undo, () => announce('everything')),
    ...inboxAnswers(library, undo, announce),
    ...linkAnswers(library, undo, announce),
    undo: () => {
      const undone = undo.last();
      announce('everything');
      return undone;
    },
    'undo.list': () => ({ commands: undo.list }),
    'album.create': ({ title }) => {
      const id = library.id('album');
      undo.record(`the album «${title}» made`, (back) => {
        const created_at = new Date().toISOString();
        library.albums.set(id, {
          id,
          title,
          description: null,
          created_at,
          assets: [],
          cover: null,
        });
        back(() => library.albums.delete(id));
      });
      announce('album', id);
      return library.album(id) as never;
    },
    'album.list': () => ({
      albums: [...library.albums.keys()].flatMap((id) => library.album(id) ?? []),
    }),
    'album.show': ({ id }) => {
      const held = library.held(album(id));
      return { album: library.album(id) as never, assets: held.map(({ asset }) => asset.id) };
    },
    'album.edit': ({ id, title, description, cover, order }) => {
      const found = album(id);
      undo.record(`the album «${found.title}» edited`, (back) => {
        if (title !== undefined) set(found, { title }, back);
        if (description !== undefined) set(found, { description }, back);
        if (cover !== undefined) set(found, { cover }, back);
        if (order !== undefined) set(found, { order }, back);
      });
      announce('album', id);
      return library.album(id) as never;
    },
    'album.delete': ({ id }) => {
      undo.record(`the album «${album(id).title}» deleted`, (back) => {
        const before = { albums: library.albums, links: library.links };
        library.albums = new Map([...before.albums].filter(([other]) => other !== id));
        library.links = new Map([...before.links].filter(([, link]) => link.album !== id));
        back(() => Object.assign(library, before));
      });
      announce('album', id);
      announce('link');
      return {};
    },
    'album.add': ({ album: id, assets }) => {
      const found = album(id);
      const changed = assets.filter((asset) => !found.assets.includes(photo(asset).asset.id));
      undo.record(`${photos(assets.length)} added to «${found.title}»`, (back) => {
        if (changed.length > 0) set(found, { assets: [...found.assets, ...changed] }, back);
      });
      announce('album', id);
      return { changed, unchanged: assets.filter((asset) => !changed.includes(asset)) };
    },
    'album.remove': ({ album: id, assets }) => {
      const found = album(id);
      const changed = assets.filter((asset) => found.assets.includes(asset));
      undo.record(`${photos(assets.length)} taken out of «${found.title}»`, (back) => {
        const stay = found.assets.filter((asset) => !changed.includes(asset));
        if (changed.length > 0) set(found, { assets: stay }, back);
      });
      announce('album', id);
      return { changed, unchanged: assets.filter((asset) => !changed.includes(asset)) };
    },
  };
}
