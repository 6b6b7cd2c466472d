import { beforeEach, describe, expect, it, vi } from 'vitest';
import { albums } from '../album/albums.svelte';
import { use } from '../host';
import { sampleHost, type SampleHost } from '../sample/host';
import { toasts } from '../shared/toasts.svelte';
import { Grid } from '../timeline/grid.svelte';
import { address, read } from './place.svelte';
import { addToAlbum, dragOut, favourite, photoMenu, removeFromAlbum } from './verbs';

let sample: SampleHost;
let album: string;

beforeEach(async () => {
  sample = await sampleHost(new URLSearchParams('sample=full'));
  use(sample);
  album = [...sample.library.albums.keys()][0];
  toasts.list = [];
  await albums.load();
});

function held(): string[] {
  return sample.library.albums.get(album)?.assets ?? [];
}

describe('verbs on photos', () => {
  it('many favourites at once are undone at once', async () => {
    const plain = [...sample.library.assets.values()].filter(({ asset }) => !asset.favorite);
    const ids = plain.slice(0, 40).map(({ asset }) => asset.id);
    const marked = () => ids.filter((id) => sample.library.assets.get(id)?.asset.favorite).length;
    await favourite(ids, true);
    expect(marked()).toBe(40);
    expect(sample.asked.filter(({ name }) => name === 'asset.edit')).toHaveLength(1);
    toasts.list.at(-1)?.action?.run();
    await vi.waitFor(() => expect(marked()).toBe(0));
  });

  it('adding tells how many were new, and undo takes out only those', async () => {
    const before = [...held()];
    const fresh = [...sample.library.assets.keys()].find((id) => !before.includes(id)) ?? '';
    await addToAlbum(album, [before[0], fresh]);
    expect(toasts.list.at(-1)?.text).toContain('1 photo added');
    toasts.list.at(-1)?.action?.run();
    await vi.waitFor(() => expect(held()).toEqual(before));
  });

  it('removing leaves the photo in the library', async () => {
    const before = [...held()];
    const [gone] = before;
    const grid = new Grid({ kind: 'album', album });
    await grid.load();
    await removeFromAlbum(grid, album, [gone]);
    expect(held()).not.toContain(gone);
    expect(sample.library.assets.get(gone)?.asset.state).toBe('present');
    toasts.list.at(-1)?.action?.run();
    await vi.waitFor(() => expect(held()).toEqual(before));
  });

  it('removing what somebody removed meanwhile offers nothing to undo', async () => {
    const [gone] = held();
    const grid = new Grid({ kind: 'album', album });
    await grid.load();
    await removeFromAlbum(grid, album, [gone]);
    const said = toasts.list.length;
    await removeFromAlbum(grid, album, [gone]);
    expect(toasts.list).toHaveLength(said);
  });

  it('what is dragged out are the files of all that are chosen', async () => {
    const grid = new Grid({ kind: 'all' });
    await grid.load();
    const ids = await grid.ids(0, 3);
    grid.selection.replace(ids);
    dragOut(grid);
    await vi.waitFor(() => expect(sample.asked.at(-1)).toEqual({ name: 'drag', payload: ids }));
  });

  it('what the node refuses is said in its words', async () => {
    sample.refuse('album.add', 'This album is full.');
    await addToAlbum(album, held());
    expect(toasts.list.at(-1)).toMatchObject({ text: 'This album is full.', look: 'bad' });
  });

  it('each place offers the verbs that make sense there', async () => {
    const words = async (grid: Grid) => {
      await grid.load();
      grid.selection.only((await grid.ids())[0]);
      return photoMenu(grid).flatMap((item) => (item === 'line' ? [] : item.text));
    };
    expect(await words(new Grid({ kind: 'album', album }))).toContain('Make cover');
    const timeline = await words(new Grid({ kind: 'all' }));
    expect(timeline).toEqual(expect.arrayContaining(['Archive', 'Move to trash']));
    expect(timeline).not.toContain('Remove from album');
    const archive = await words(new Grid({ kind: 'archive' }));
    expect(archive).toEqual(expect.arrayContaining(['Back to the timeline', 'Move to trash']));
    expect(archive).not.toContain('Archive');
    expect(await words(new Grid({ kind: 'trash' }))).toEqual([
      'Open',
      'Restore',
      'Delete for good…',
    ]);
  });
});

it('photos of another machine are changed as one’s own, and are in no album or link here', async () => {
  await sample.call('peer.timeline', { machine: 'machine-1', show: true });
  const grid = new Grid({ kind: 'all' });
  await grid.load();
  const ids = await grid.ids(0, grid.count);
  const away = ids.filter((id) => grid.photo(id)?.away);
  const [own] = ids.filter((id) => !away.includes(id));
  const words = (chosen: string[]) => {
    grid.selection.replace(chosen);
    return photoMenu(grid).flatMap((item) => (item === 'line' ? [] : item.text));
  };
  const there = words(away.slice(0, 2));
  expect(there).toEqual(
    expect.arrayContaining(['Copy to this machine', 'Archive', 'Move to trash', 'Turn right']),
  );
  for (const chosen of [there, words([away[0], own])])
    for (const verb of ['New album…', 'Add to album…', 'Share…', 'Lock'])
      expect(chosen).not.toContain(verb);
  expect(words([away[0], own])).not.toContain('Copy to this machine');
  expect(words([own])).toEqual(expect.arrayContaining(['Share…', 'Lock']));
});

it('every place has an address that leads back to it', () => {
  for (const place of [
    { view: 'timeline' },
    { view: 'favourites' },
    { view: 'albums' },
    { view: 'album', id: 'a/b c' },
    { view: 'links' },
    { view: 'archive' },
    { view: 'trash' },
  ] as const)
    expect(read(address(place))).toEqual(place);
  expect(read('#/nowhere')).toEqual({ view: 'timeline' });
});
