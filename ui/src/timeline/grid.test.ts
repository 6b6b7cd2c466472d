import { beforeEach, describe, expect, it, vi } from 'vitest';
import { use } from '../host';
import { sampleHost, type SampleHost } from '../sample/host';
import { Grid } from './grid.svelte';
import { idsOfDay, neighbour } from './ways';

let sample: SampleHost;

async function of(wishes: string): Promise<Grid> {
  sample = await sampleHost(new URLSearchParams(wishes));
  use(sample);
  const grid = new Grid({ kind: 'all' });
  await grid.load();
  return grid;
}

beforeEach(async () => {
  await of('sample=30&import=6&pace=0');
});

describe('a grid', () => {
  it('holds the photos, newest first, with all that a tile shows', async () => {
    const grid = await of('sample=30');
    expect(grid.count).toBe(30);
    const order = sample.library.newestFirst();
    for (const [row, { asset, at, picture }] of order.entries())
      expect(grid.at(row)).toEqual({
        id: asset.id,
        time: at,
        ratio: Math.fround(picture.width / picture.height),
        thumbhash: picture.thumbhash,
        favourite: asset.favorite,
        live: asset.motion !== null,
        unseen: asset.unseen !== null,
        ...(asset.kind === 'video' && { length: asset.duration_ms ?? 0 }),
      });
    expect(grid.indexOf(order[7].asset.id)).toBe(7);
    expect(grid.at(30)).toBeUndefined();
    const videos = order.filter(({ asset }) => asset.kind === 'video').length;
    await vi.waitFor(() => expect(grid.videos).toBe(videos));
  });

  it('follows a change while it is shown, and catches up when it is shown again', async () => {
    const grid = new Grid({ kind: 'favourites' });
    const hide = grid.show();
    await vi.waitFor(() => expect(grid.loaded).toBe(true));
    const before = grid.count;
    const plain = [...sample.library.assets.values()].find(({ asset }) => !asset.favorite);
    const id = plain?.asset.id ?? '';
    grid.settle();
    await sample.call('asset.edit', { ids: [id], favorite: true });
    await vi.waitFor(() => expect(grid.count).toBe(before + 1));
    expect(grid.photo(id)?.favourite).toBe(true);

    hide();
    grid.settle();
    await sample.call('asset.edit', { ids: [id], favorite: false });
    expect(grid.count).toBe(before + 1);
    grid.show();
    await vi.waitFor(() => expect(grid.count).toBe(before));
  });

  it('keeps what is chosen when photos come in, and lets go of what went', async () => {
    const grid = await of('sample=30&import=6&pace=0');
    grid.show();
    const [, , , chosen, next] = await grid.ids();
    grid.selection.only(chosen);
    grid.settle();
    await sample.call('import', { paths: ['/home/mira/Pictures'] });
    grid.settle();
    await grid.load();
    expect(grid.count).toBe(36);
    expect(grid.selection.has(chosen)).toBe(true);
    grid.settle();
    await sample.call('trash', { assets: [chosen] });
    await vi.waitFor(() => expect(grid.count).toBe(35));
    expect([grid.selection.size, grid.selection.focus]).toEqual([0, next]);
  });

  it('says why it cannot be shown', async () => {
    const grid = new Grid({ kind: 'all' });
    sample.refuse('timeline', 'The library is on a drive that is not plugged in.');
    await grid.load();
    expect(grid.problem).toBe('The library is on a drive that is not plugged in.');
    grid.settle();
    await grid.load();
    expect([grid.problem, grid.count]).toEqual(['', 30]);
  });
});

describe('a grid of many', () => {
  it('holds only what is looked at, and asks for the rest when it is', async () => {
    const grid = await of('sample=4000');
    const asked = vi.spyOn(sample, 'chunk');
    expect(grid.count).toBe(4000);
    expect(grid.at(3999)).toBeUndefined();
    expect((await grid.reach(3999))?.id).toBe(sample.library.newestFirst()[3999].asset.id);
    expect(asked).toHaveBeenCalledTimes(1);
    const far = grid.sections.at(3);
    grid.need('view', far ? [far] : []);
    await vi.waitFor(() => expect(grid.at(far?.first ?? -1)).toBeDefined());
  });

  it('chooses over rows that are not here, and all of them without asking', async () => {
    const grid = await of('sample=4000');
    const order = sample.library.newestFirst().map(({ asset }) => asset.id);
    grid.selection.only(order[10]);
    await grid.extendTo(3500);
    expect(grid.selection.size).toBe(3491);
    expect(grid.selection.has(order[2000])).toBe(true);
    expect(new Set(await grid.chosen())).toEqual(new Set(order.slice(10, 3501)));
    grid.selection.everything();
    grid.selection.toggle(order[1]);
    expect(grid.selection.size).toBe(3999);
    expect(await grid.chosen()).toEqual(order.filter((id) => id !== order[1]));
  });

  it('draws itself anew when its shape changes, and what is needed stays there', async () => {
    const grid = await of('sample=4000');
    grid.need('view', grid.sections.slice(2, 3));
    await vi.waitFor(() => expect(grid.chunkOf(grid.sections[2])).toBeDefined());
    const { first } = grid.sections[2];
    grid.arrange({ ...grid.shape, squares: true, row_height: 90 });
    await vi.waitFor(() => expect(grid.shape.squares).toBe(true));
    expect(grid.at(first)).toBeDefined();
    expect(grid.at(first)?.id).toBe(sample.library.newestFirst()[first].asset.id);
  });

  it('the arrows lead over the seams of its sections', async () => {
    const grid = await of('sample=4000');
    const { first } = grid.sections[1];
    expect(await neighbour(grid, first - 1, 'right')).toBe(first);
    const down = await neighbour(grid, first - 1, 'down');
    expect(down).toBeGreaterThanOrEqual(first);
    expect(await neighbour(grid, down, 'up')).toBeLessThan(first);
    expect(await neighbour(grid, 5, 'last')).toBe(3999);
    expect(grid.at(3999)).toBeDefined();
  });

  it('a day that goes on in the next section is one day', async () => {
    const grid = await of('sample=0');
    const random = () => 0.5;
    const noon = Date.UTC(2026, 4, 3, 12);
    for (let i = 0; i < 1300; i += 1) sample.library.add(noon - i, random);
    sample.library.add(noon - 86_400_000, random);
    grid.settle();
    await grid.load();
    expect(grid.sections.length).toBe(3);
    expect(await idsOfDay(grid, 0, 0)).toHaveLength(1300);
  });
});
