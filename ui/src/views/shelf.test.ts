import { cleanup, render, screen } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import App from '../App.svelte';
import { use } from '../host';
import { sampleHost, type SampleHost } from '../sample/host';
import { toasts } from '../shared/toasts.svelte';
import { forgetGrids, Grid, gridOf } from '../timeline/grid.svelte';
import type { Scope } from '../timeline/scope';
import { where } from './place.svelte';
import { sheets } from './sheets.svelte';
import { deleteForGood, emptyTrash, remove, shelve } from './shelf';
import { done, undoLast } from '../shared/undo';
import { favourite } from './verbs';

let sample: SampleHost;
let grid: Grid;
const user = userEvent.setup();

beforeEach(async () => {
  forgetGrids();
  toasts.list = [];
  sheets.close();
  sample = await sampleHost(new URLSearchParams('sample=40'));
  use(sample);
  grid = await shown({ kind: 'all' });
});
afterEach(() => {
  cleanup();
  where.go({ view: 'timeline' });
});

/** A grid as a view shows it: it follows what changes. */
async function shown(scope: Scope): Promise<Grid> {
  const made = new Grid(scope);
  made.show();
  await vi.waitFor(() => expect(made.loaded).toBe(true));
  made.settle();
  return made;
}

const state = (id: string) => sample.library.assets.get(id)?.asset.state;
const said = () => toasts.list.at(-1)?.text;
const offered = () => toasts.list.filter(({ action }) => action?.text === 'Undo');

describe('shelves', () => {
  it('many go to the trash in one call, and come back by Undo', async () => {
    const ids = await grid.ids(3, 12);
    grid.selection.replace(ids);
    remove(grid);
    await vi.waitFor(() => expect(said()).toBe('12 photos moved to the trash'));
    expect(sample.asked.filter(({ name }) => name === 'trash')).toHaveLength(1);
    expect(ids.map(state)).toEqual(ids.map(() => 'trashed'));
    offered()[0].action?.run();
    await vi.waitFor(() => expect(said()).toBe('Undone: 12 photos moved to the trash'));
    expect(ids.map(state)).toEqual(ids.map(() => 'present'));
    expect(offered()).toEqual([]);
  });

  it('the keys go to what takes the place of what went, and stay where nothing goes', async () => {
    const [a, b, c, d] = await grid.ids();
    grid.selection.only(b);
    await grid.extendTo(grid.indexOf(c));
    await shelve(grid, [b, c], 'archive');
    expect(grid.wanted).toBe(d);
    const [before, last] = (await grid.ids()).slice(-2);
    grid.selection.only(last);
    await shelve(grid, [last], 'trash');
    expect(grid.wanted).toBe(before);

    const { id: album } = await sample.call('album.create', { title: 'Kiel' });
    await sample.call('album.add', { album, assets: [a, d] });
    const kiel = await shown({ kind: 'album', album });
    kiel.selection.only(a);
    expect(await shelve(kiel, [a], 'archive')).toBe(false);
    expect(kiel.wanted).toBeNull();
    expect(await shelve(kiel, [a], 'trash')).toBe(true);
    expect(kiel.wanted).toBe(d);
  });

  it('what lies there already is said, and nothing is offered to undo', async () => {
    const [id] = await grid.ids();
    await shelve(grid, [id], 'archive');
    await shelve(grid, [id], 'archive');
    expect(said()).toBe('It is archived already');
    expect(toasts.list.at(-1)?.action).toBeUndefined();
  });

  it('a refusal is said in the node’s words, and the photo stays', async () => {
    sample.refuse('trash', 'The library is read-only.');
    grid.selection.only((await grid.ids())[0]);
    expect(await shelve(grid, [(await grid.ids())[0]], 'trash')).toBe(false);
    expect(toasts.list.at(-1)).toMatchObject({ text: 'The library is read-only.', look: 'bad' });
    expect(grid.wanted).toBeNull();
  });
});

describe('undo', () => {
  it('is offered for the last change only', async () => {
    await shelve(grid, [(await grid.ids())[0]], 'trash');
    await shelve(grid, [(await grid.ids())[1]], 'archive');
    expect(offered().map(({ text }) => text)).toEqual(['1 photo archived']);
  });

  it('of a toast never undoes another change', async () => {
    const [thrown] = await grid.ids();
    await shelve(grid, [thrown], 'trash');
    const plain = (await grid.ids()).find((id) => !grid.photo(id)?.favourite) ?? '';
    await favourite([plain], true);
    offered()[0].action?.run();
    await vi.waitFor(() => expect(said()).toMatch(/^Something was changed after this/));
    expect(state(thrown)).toBe('trashed');
    expect(sample.library.assets.get(plain)?.asset.favorite).toBe(true);
  });

  it('goes back step by step until there is nothing left', async () => {
    await shelve(grid, [(await grid.ids())[0]], 'trash');
    await shelve(grid, [(await grid.ids())[1]], 'archive');
    await undoLast();
    expect(said()).toBe('Undone: 1 photo archived');
    await undoLast();
    expect(said()).toBe('Undone: 1 photo moved to the trash');
    await undoLast();
    expect(toasts.list.at(-1)).toMatchObject({ text: 'There is nothing to undo.', look: 'bad' });
    await done('Nothing to go back to');
    expect(toasts.list.at(-1)?.action).toBeUndefined();
  });
});

describe('deleting for good', () => {
  async function trashed(count: number): Promise<Grid> {
    await sample.call('trash', { assets: await grid.ids(0, count) });
    return shown({ kind: 'trash' });
  }

  it('asks, says how many, and deletes those only', async () => {
    const trash = await trashed(5);
    const next = (await trash.ids())[3];
    trash.selection.only((await trash.ids())[1]);
    await trash.extendTo(2);
    remove(trash);
    const asked = await vi.waitFor(() => {
      if (sheets.open?.kind !== 'ask') throw new Error('nothing was asked');
      return sheets.open;
    });
    expect(asked.title).toBe('Delete 2 photos for good?');
    expect(asked.text).toMatch(/Your own files.* stay where they are/);
    expect(sample.library.assets.size).toBe(40);
    await asked.confirm();
    expect(sample.library.assets.size).toBe(38);
    expect(said()).toMatch(/^2 photos deleted for good, .* free again$/);
    expect(trash.wanted).toBe(next);
  });

  it('of nothing is never asked: the node would empty all of the trash', async () => {
    const trash = await trashed(2);
    deleteForGood(trash, []);
    remove(trash);
    expect(sheets.open).toBeNull();
  });

  it('of all says how many, and what stays of one’s own', async () => {
    const trash = await trashed(3);
    const own = sample.library.assets.get((await trash.ids())[0]);
    if (own) own.own = '/home/mira/Pictures/a.jpg';
    emptyTrash(trash);
    const asked = sheets.open;
    if (asked?.kind !== 'ask') throw new Error('nothing was asked');
    expect(asked.text).toMatch(/^3 photos are deleted for good/);
    await asked.confirm();
    expect(said()).toMatch(/^3 photos deleted for good, .*, 1 file of your own left in place$/);
    expect(sample.library.on('trash')).toEqual([]);
  });
});

describe('the window', () => {
  it('undoes by Ctrl+Z, but not behind a sheet', async () => {
    render(App);
    await screen.findByTestId('nav-trash');
    const [id] = await grid.ids();
    await sample.call('trash', { assets: [id] });
    sheets.open = { kind: 'keys' };
    await user.keyboard('{Control>}z{/Control}');
    expect(state(id)).toBe('trashed');
    sheets.close();
    await user.keyboard('{Control>}{Shift>}z{/Shift}{/Control}');
    expect(state(id)).toBe('trashed');
    await user.keyboard('{Control>}z{/Control}');
    expect(await screen.findByText('Undone: 1 photo moved to the trash')).toBeVisible();
    expect(state(id)).toBe('present');
  });

  it('goes on from what Del threw away to what took its place, with the keys', async () => {
    // A document without a layout has no sizes.
    document.documentElement.style.fontSize = '16px';
    vi.spyOn(Element.prototype, 'clientWidth', 'get').mockReturnValue(800);
    vi.spyOn(Element.prototype, 'clientHeight', 'get').mockReturnValue(600);
    render(App);
    const [a, b, c] = await grid.ids();
    await screen.findAllByTestId('tile');
    const tile = (id: string) => document.querySelector<HTMLElement>(`[data-asset="${id}"]`);
    await user.click(tile(a) as HTMLElement);
    for (const next of [b, c]) {
      await user.keyboard('{Delete}');
      await vi.waitFor(() => expect(tile(next)).toHaveFocus());
      expect(tile(next)).toHaveAttribute('aria-selected', 'true');
    }
    await vi.waitFor(() => expect(tile(a)).toBeNull());
    expect(tile(c)).toHaveFocus();
    expect(screen.getAllByText('1 photo moved to the trash')).toHaveLength(1);
    vi.restoreAllMocks();
  });

  it('shows the archive and the trash, and says what belongs there while they are empty', async () => {
    render(App);
    await user.click(await screen.findByTestId('nav-archive'));
    expect(await screen.findByText('Nothing is archived')).toBeVisible();
    await user.click(screen.getByTestId('nav-trash'));
    expect(await screen.findByText('The trash is empty')).toBeVisible();
    expect(screen.queryByTestId('empty-trash')).toBeNull();
    gridOf({ kind: 'trash' }).settle();
    await sample.call('trash', { assets: await grid.ids(0, 2) });
    await user.click(await screen.findByTestId('empty-trash'));
    expect(screen.getByText(/for 30 days and are then deleted for good/)).toBeVisible();
    expect(screen.getByText(/2 photos are deleted for good/)).toBeVisible();
    await user.click(screen.getByTestId('confirm'));
    await vi.waitFor(() => expect(sample.library.assets.size).toBe(38));
  });

  it('is the library, not the first run, while all photos lie in the trash', async () => {
    await sample.call('trash', { assets: await grid.ids() });
    render(App);
    expect(await screen.findByTestId('nav-trash')).toBeVisible();
    expect(screen.queryByTestId('first-run-choose')).toBeNull();
  });

  it('lists the keys', async () => {
    render(App);
    await screen.findByTestId('nav-trash');
    await user.keyboard('?');
    expect(await screen.findAllByText('Del')).toHaveLength(2);
    expect(screen.getByText('Undo the last change')).toBeVisible();
  });
});
