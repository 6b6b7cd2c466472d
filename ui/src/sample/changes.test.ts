import { beforeEach, describe, expect, it } from 'vitest';
import { sampleHost, type SampleHost } from './host';

let sample: SampleHost;
let ids: string[];

beforeEach(async () => {
  sample = await sampleHost(new URLSearchParams('sample=30&import=2&pace=0'));
  ids = (await sample.call('grid', {})).ids;
});

async function on(shelf: 'timeline' | 'archive' | 'trash'): Promise<string[]> {
  return (await sample.call('grid', { shelf })).ids;
}

describe('the sample library', () => {
  it('shows each photo on one shelf, and counts them so', async () => {
    await sample.call('archive.add', { assets: ids.slice(0, 2) });
    await sample.call('trash', { assets: ids.slice(1, 4) });
    expect(await on('timeline')).toEqual(ids.slice(4));
    expect(await on('archive')).toEqual([ids[0]]);
    expect(await on('trash')).toEqual(ids.slice(1, 4));
    const { assets, archived, trashed } = await sample.call('status', {});
    expect([assets, archived, trashed]).toEqual([26, 1, 3]);
    // Restored, a photo is where it was.
    await sample.call('restore', { assets: [ids[1]] });
    expect(await on('archive')).toEqual(ids.slice(0, 2));
  });

  it('takes what is in the trash out of albums and their covers, and puts it back', async () => {
    const { id } = await sample.call('album.create', { title: 'Kiel' });
    await sample.call('album.add', { album: id, assets: ids.slice(0, 3) });
    await sample.call('album.edit', { id, cover: ids[0] });
    await sample.call('trash', { assets: [ids[0]] });
    const { album, assets } = await sample.call('album.show', { id });
    expect(assets).toEqual(ids.slice(1, 3));
    expect(album).toMatchObject({ count: 2, cover: ids[1] });
    await sample.call('undo', {});
    expect((await sample.call('album.show', { id })).album).toMatchObject({
      count: 3,
      cover: ids[0],
    });
  });

  it('undoes one command after another, and says which', async () => {
    const before = JSON.stringify([...sample.library.assets.values()].map(({ asset }) => asset));
    const { id } = await sample.call('album.create', { title: 'Kiel' });
    await sample.call('album.add', { album: id, assets: ids.slice(0, 2) });
    await sample.call('asset.edit', { ids: ids.slice(0, 5), favorite: true, rating: 3 });
    await sample.call('archive.add', { assets: [ids[7]] });
    await sample.call('trash', { assets: ids.slice(6, 8) });
    await sample.call('album.remove', { album: id, assets: [ids[0]] });
    await sample.call('album.delete', { id });
    const words = [
      'the album «Kiel» deleted',
      '1 photo taken out of «Kiel»',
      '2 photos moved to the trash',
      '1 photo archived',
      '5 photos edited',
      '2 photos added to «Kiel»',
      'the album «Kiel» made',
    ];
    const { commands } = await sample.call('undo.list', {});
    expect(commands.map(({ command }) => command)).toEqual(words);
    for (const word of words) expect((await sample.call('undo', {})).command).toBe(word);
    expect(JSON.stringify([...sample.library.assets.values()].map(({ asset }) => asset))).toBe(
      before,
    );
    await expect(sample.call('undo', {})).rejects.toThrow('There is nothing to undo.');
  });

  it('keeps nothing to undo of a command that changes nothing, or fails', async () => {
    await sample.call('restore', { assets: [ids[0]] });
    await expect(sample.call('trash', { assets: [ids[0], 'asset-none'] })).rejects.toThrow();
    expect((await sample.call('undo.list', {})).commands).toEqual([]);
    expect(await on('timeline')).toEqual(ids);
  });

  it('empties the trash of what was named, and leaves own files unless told otherwise', async () => {
    const report = await sample.call('import', { paths: ['/home/mira/Pictures'], in_place: true });
    const [own] = report.assets;
    await sample.call('trash', { assets: [ids[0], ids[1], own] });
    await expect(sample.call('trash.empty', { assets: [ids[2]] })).rejects.toThrow(/not in/);
    const first = await sample.call('trash.empty', { assets: [ids[0]] });
    expect(first).toMatchObject({ assets: 1, left: [] });
    expect(first.bytes).toBeGreaterThan(0);
    const rest = await sample.call('trash.empty', {});
    expect(rest).toMatchObject({ assets: 2, left: ['/home/mira/Pictures/2026/IMG_1200.jpg'] });
    expect(await on('trash')).toEqual([]);
    // Undo passes over what is gone for good.
    await sample.call('undo', {});
    expect(sample.library.assets.has(ids[1])).toBe(false);
  });

  it('lists the timeline by pages, and what a search finds in the archive too', async () => {
    const [archived, thrown] = ids;
    await sample.call('archive.add', { assets: [archived] });
    await sample.call('trash', { assets: [thrown] });
    const page = await sample.call('assets', { limit: 20 });
    const rest = await sample.call('assets', { limit: 20, after: page.next ?? '' });
    const listed = [...page.assets, ...rest.assets].map(({ id }) => id);
    expect(listed).toEqual(ids.slice(2));
    expect(rest.next).toBeNull();
    const found = await sample.call('assets', { query: 'IMG_12' });
    expect(found.assets.map(({ id }) => id)).toContain(archived);
    expect(found.assets.map(({ id }) => id)).not.toContain(thrown);
  });
});
