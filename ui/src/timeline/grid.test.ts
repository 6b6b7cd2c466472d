import { beforeEach, describe, expect, it, vi } from 'vitest';
import { use } from '../host';
import { sampleHost, type SampleHost } from '../sample/host';
import { Grid } from './grid.svelte';

let sample: SampleHost;

beforeEach(async () => {
  sample = await sampleHost(new URLSearchParams('sample=30&import=6&pace=0'));
  use(sample);
});

describe('a grid', () => {
  it('holds the photos, newest first, with their hearts', async () => {
    const grid = new Grid({ kind: 'all' });
    await grid.load();
    expect(grid.ids).toHaveLength(30);
    expect([...grid.times]).toEqual([...grid.times].sort((a, b) => b - a));
    expect(grid.indexOf(grid.ids[7])).toBe(7);
    const hearts = [...sample.library.assets.values()].filter(({ asset }) => asset.favorite);
    expect(grid.favourites.size).toBe(hearts.length);
  });

  it('knows its videos and their lengths, its live photos, and what cannot be seen', async () => {
    const grid = new Grid({ kind: 'all' });
    await grid.load();
    for (const id of grid.ids) {
      const asset = sample.library.assets.get(id)?.asset;
      const video = asset?.kind === 'video';
      expect(grid.lengths.get(id)).toBe(video ? (asset?.duration_ms ?? 0) : undefined);
      expect(grid.live.has(id)).toBe(asset?.motion !== null);
      expect(grid.unseen.has(id)).toBe(asset?.unseen !== null);
    }
    const videos = grid.ids.map((id) => grid.lengths.has(id));
    for (const [from, end] of [
      [0, 30],
      [0, 0],
      [3, 11],
      [29, 30],
    ])
      expect(grid.videosBetween(from, end)).toBe(videos.slice(from, end).filter(Boolean).length);
  });

  it('follows a change while it is shown, and catches up when it is shown again', async () => {
    const grid = new Grid({ kind: 'favourites' });
    const hide = grid.show();
    await vi.waitFor(() => expect(grid.loaded).toBe(true));
    const before = grid.ids.length;
    const plain = [...sample.library.assets.values()].find(({ asset }) => !asset.favorite);
    const id = plain?.asset.id ?? '';
    grid.settle();
    await sample.call('asset.edit', { ids: [id], favorite: true });
    await vi.waitFor(() => expect(grid.ids.length).toBe(before + 1));

    hide();
    grid.settle();
    await sample.call('asset.edit', { ids: [id], favorite: false });
    expect(grid.ids.length).toBe(before + 1);
    grid.show();
    await vi.waitFor(() => expect(grid.ids.length).toBe(before));
  });

  it('keeps what is chosen when photos come in', async () => {
    const grid = new Grid({ kind: 'all' });
    grid.show();
    await vi.waitFor(() => expect(grid.loaded).toBe(true));
    grid.selection.only(grid.ids[3]);
    const chosen = grid.ids[3];
    grid.settle();
    await sample.call('import', { paths: ['/home/mira/Pictures'] });
    grid.settle();
    await grid.load();
    expect(grid.ids).toHaveLength(36);
    expect(grid.selection.has(chosen)).toBe(true);
  });

  it('says why it cannot be shown', async () => {
    const grid = new Grid({ kind: 'all' });
    sample.refuse('grid', 'The library is on a drive that is not plugged in.');
    await grid.load();
    expect(grid.problem).toBe('The library is on a drive that is not plugged in.');
  });
});
