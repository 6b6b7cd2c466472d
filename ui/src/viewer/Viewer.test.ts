import { cleanup, render, screen } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { NotYet } from '../film/film';
import { use } from '../host';
import { imports } from '../import/imports.svelte';
import { sampleHost, type SampleHost } from '../sample/host';
import { goes } from '../sample/intake';
import { toasts } from '../shared/toasts.svelte';
import { Grid } from '../timeline/grid.svelte';
import { deleteForGood, shelve, type Way } from '../views/shelf';
import { sheets } from '../views/sheets.svelte';
import { edit, rate, turn, saveToLibrary, uncomment } from '../views/verbs';
import Viewer from './Viewer.svelte';
import { viewing } from './viewing.svelte';

let sample: SampleHost;
let grid: Grid;
const user = userEvent.setup();
const paused = new WeakMap<HTMLMediaElement, boolean>();

beforeEach(async () => {
  sample = await sampleHost(new URLSearchParams('sample=40'));
  use(sample);
  imports.jobs = [];
  grid = new Grid({ kind: 'all' });
  await grid.load();
  // A document without a layout has no sizes and plays nothing.
  vi.spyOn(Element.prototype, 'clientWidth', 'get').mockReturnValue(800);
  vi.spyOn(Element.prototype, 'clientHeight', 'get').mockReturnValue(600);
  const { prototype } = HTMLMediaElement;
  vi.spyOn(prototype, 'paused', 'get').mockImplementation(function (this: HTMLMediaElement) {
    return paused.get(this) ?? !this.autoplay;
  });
  vi.spyOn(prototype, 'play').mockImplementation(async function (this: HTMLMediaElement) {
    paused.set(this, false);
  });
  vi.spyOn(prototype, 'pause').mockImplementation(function (this: HTMLMediaElement) {
    paused.set(this, true);
  });
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

// There is no canvas here to draw a map on.
vi.mock('../map/leaf', () => ({ leaf: () => new Promise(() => {}) }));

type Kind = (id: string) => boolean;
const isVideo: Kind = (id) => (grid.photo(id)?.length ?? 0) > 0;

const ids = () => Array.from({ length: grid.count }, (_, row) => grid.at(row)?.id ?? '');

/** Opens the nth photo of a kind. */
function open(kind: Kind, nth = 0): string {
  const id = ids().filter(kind)[nth];
  viewing.open(grid, id);
  const shown = render(Viewer, {
    grid,
    id,
    onfavourite: () => {},
    onshare: () => {},
    onrate: (one: string, stars: number) => void rate(one, stars),
    onedit: edit,
    onturn: (ids: string[], quarters: 1 | -1) => void turn(ids, quarters),
    onshelve: (ids: string[], way: Way) => shelve(grid, ids, way),
    ondelete: (ids: string[]) => deleteForGood(grid, ids),
    onuncomment: (one: string) => void uncomment(one),
    onsave: (ids: string[]) => void saveToLibrary(ids),
  });
  follow = (next) => shown.rerender({ id: next });
  return id;
}
let follow: (id: string) => Promise<void>;

const player = () => screen.getByTestId<HTMLVideoElement>('player');

it('a photo that a visitor sent tells who that was, and through what', async () => {
  const made = sample.library.assets.get(ids()[3]);
  Object.assign(made ?? {}, { through: 'Summer' });
  Object.assign(made?.asset ?? {}, { contributor: 'Ben' });
  open((id) => id === ids()[3]);
  await user.keyboard('i');
  expect((await screen.findByTestId('contributor')).textContent).toBe('From Ben, through Summer');
});

it('a video that was opened plays, Space stops it, and leaving lets go of it', async () => {
  open((id) => grid.photo(id)?.length === 4_008);
  await vi.waitFor(() => expect(player()).toBeVisible());
  expect(player().controls).toBe(true);
  expect(player().muted).toBe(false);
  const element = player();
  await user.keyboard(' ');
  expect(element.paused).toBe(true);
  await user.keyboard(' ');
  expect(element.paused).toBe(false);
  await user.keyboard('m');
  expect(element.muted).toBe(true);
  expect(sample.played.size).toBe(1);
  cleanup();
  expect(element.paused).toBe(true);
  expect(sample.played.size).toBe(0);
});

it('Shift and an arrow go through the video, an arrow goes on to the next', async () => {
  const id = open((one) => grid.photo(one)?.length === 4_008);
  await vi.waitFor(() => expect(player()).toBeVisible());
  await user.keyboard('{Shift>}{ArrowRight}{/Shift}');
  expect(player().currentTime).toBe(5);
  expect(viewing.id).toBe(id);
  await user.keyboard('{ArrowRight}');
  expect(viewing.id).not.toBe(id);
});

it('a video that was leafed to waits for Space', async () => {
  const at = ids().findIndex((id) => grid.photo(id)?.length === 4_008);
  open((id) => id === ids()[at - 1]);
  await user.keyboard('{ArrowRight}');
  await follow(ids()[at]);
  await screen.findByTestId('play');
  expect(screen.queryByTestId('player')).toBeNull();
  await user.keyboard(' ');
  await vi.waitFor(() => expect(player()).toBeVisible());
});

it('a video that is still being converted says so, and is there when it is done', async () => {
  const moving = sample.moving;
  sample.moving = () => Promise.reject(new NotYet());
  const id = open(isVideo);
  const words = await screen.findByTestId('converting');
  expect(words).toHaveTextContent(/waits to be converted/);
  const job = { total: 3, done: 1, imported: 0, duplicates: 0, skipped: 0, failed: 0, ...goes };
  imports.jobs = [{ ...job, id: 'job', kind: 'convert', current: null }];
  await vi.waitFor(() =>
    expect(words).toHaveTextContent(
      'Albumen is converting this video so that it plays here. The original is safe.',
    ),
  );
  sample.moving = moving;
  await sample.call('asset.edit', { ids: [id], rating: 1 });
  expect(await screen.findByTestId('play')).toBeVisible();
});

it('a video whose bytes cannot be had says why', async () => {
  sample.moving = () => Promise.reject(new Error('The drive «Archive» is not plugged in.'));
  open(isVideo);
  expect(await screen.findByText('The drive «Archive» is not plugged in.')).toBeVisible();
});

it('a live photo plays without sound while its mark is on, by press or by key', async () => {
  open((id) => grid.photo(id)?.live === true);
  expect(screen.queryByTestId('live')).toBeNull();
  await user.keyboard('l');
  const part = await screen.findByTestId<HTMLVideoElement>('live');
  expect(part.muted).toBe(true);
  expect(screen.getByTestId('live-mark')).toHaveAttribute('aria-pressed', 'true');
  await user.keyboard('m');
  expect(part.muted).toBe(false);
  await user.keyboard('l');
  expect(screen.queryByTestId('live')).toBeNull();
  expect(sample.played.size).toBe(0);
  await user.hover(screen.getByTestId('live-mark'));
  await screen.findByTestId('live');
});

it('what cannot be previewed says why, and no picture of it is asked for', async () => {
  const id = open((one) => grid.photo(one)?.unseen === true);
  expect(await screen.findByText('DSC04711.CR3')).toBeVisible();
  expect(screen.getByText(/ends in the middle of the picture/)).toBeVisible();
  const address = sample.pictureUrl(id, 'preview');
  const shown = [...document.querySelectorAll('img')].map((image) => image.src);
  expect(shown).not.toContain(address);
});

it('facts name the source of a time, and take a rating and give it back', async () => {
  const titled = [...sample.library.assets.values()].find(({ asset }) => asset.title !== null);
  const id = open((one) => one === titled?.asset.id);
  await user.keyboard('i');
  expect(await screen.findByText('from the GPS fix')).toBeVisible();
  expect(screen.getByText('with Jonas')).toBeVisible();
  const stars = () => sample.library.assets.get(id)?.asset.rating;
  await user.click(screen.getByRole('button', { name: '2 stars' }));
  expect(stars()).toBe(2);
  await vi.waitFor(() =>
    expect(screen.getByRole('button', { name: '2 stars' })).toHaveAttribute('aria-pressed', 'true'),
  );
  await user.click(screen.getByRole('button', { name: '2 stars' }));
  expect(stars()).toBe(0);
});

it('Del moves what is open to the trash and goes on to the next, at the end to the one before', async () => {
  const [first, second] = await grid.ids();
  const before = ids();
  grid.show();
  grid.settle();
  open((id) => id === first);
  await user.keyboard('{Delete}');
  await vi.waitFor(() => expect(viewing.id).toBe(second));
  expect(sample.library.assets.get(first)?.asset.state).toBe('trashed');
  expect(toasts.list.at(-1)).toMatchObject({
    text: '1 photo moved to the trash',
    action: { text: 'Undo' },
  });
  cleanup();
  open((id) => id === before.at(-1));
  await user.click(screen.getByRole('button', { name: 'Move to trash (Del)' }));
  await vi.waitFor(() => expect(viewing.id).toBe(before.at(-2)));
});

it('a photo that leaves the grid by itself gives way to the next, and the last one closes', async () => {
  grid.show();
  grid.settle();
  const [first, second, third] = await grid.ids();
  open((id) => id === second);
  await sample.call('trash', { assets: [second] });
  await vi.waitFor(() => expect(viewing.id).toBe(third));
  await follow(third);
  grid.settle();
  await sample.call('trash', { assets: await grid.ids() });
  await vi.waitFor(() => expect(viewing.id).toBeNull());
  expect(sample.library.assets.get(first)?.asset.state).toBe('trashed');
});

it('what is archived from an album stays open in it', async () => {
  const { id: album } = await sample.call('album.create', { title: 'Kiel' });
  await sample.call('album.add', { album, assets: [...(await grid.ids(0, 3))] });
  grid = new Grid({ kind: 'album', album });
  await grid.load();
  const id = open((one) => one === ids()[0]);
  await user.click(screen.getByRole('button', { name: 'Archive' }));
  expect(await screen.findByRole('button', { name: 'Back to the timeline' })).toBeVisible();
  expect(viewing.id).toBe(id);
});

it('in the trash there is Restore and Delete for good, which asks, and nothing else', async () => {
  await sample.call('trash', { assets: [...(await grid.ids(0, 3))] });
  grid = new Grid({ kind: 'trash' });
  await grid.load();
  const id = open((one) => one === ids()[0]);
  expect(screen.queryByRole('button', { name: 'Share' })).toBeNull();
  await user.keyboard('.');
  expect(sample.asked.some(({ name }) => name === 'asset.edit')).toBe(false);
  await user.keyboard('{Delete}');
  expect(sheets.open).toMatchObject({ kind: 'ask', title: 'Delete 1 photo for good?' });
  expect(sample.library.assets.has(id)).toBe(true);
  sheets.close();
  await user.click(screen.getByRole('button', { name: 'Restore' }));
  await vi.waitFor(() => expect(viewing.id).toBe(ids()[1]));
  expect(sample.library.assets.get(id)?.asset.state).toBe('present');
});

it('what is written is kept when one leaves the field, and can be undone; Esc takes it back', async () => {
  const id = open((one) => !grid.photo(one)?.unseen);
  const asset = () => sample.library.assets.get(id)?.asset;
  await user.keyboard('i');
  const title = await screen.findByRole('textbox', { name: 'Title' });
  await user.type(title, 'Low tide');
  await user.tab();
  await vi.waitFor(() => expect(asset()?.title).toBe('Low tide'));
  expect(toasts.list.at(-1)).toMatchObject({ text: 'Title kept', action: { text: 'Undo' } });
  const words = screen.getByRole('textbox', { name: 'Description' });
  await user.type(words, 'never kept{Escape}');
  expect(words).toHaveValue('');
  expect(viewing.id).toBe(id);
  expect(asset()?.description).toBeNull();
});

it('an edit that fails says why beside the field, and what was written stays', async () => {
  open((one) => !grid.photo(one)?.unseen);
  await user.keyboard('i');
  const title = await screen.findByRole('textbox', { name: 'Title' });
  sample.refuse('asset.edit', 'The disk is full. Free some room and try again.');
  await user.type(title, 'Low tide{Enter}');
  expect(await screen.findByText(/The disk is full/)).toBeVisible();
  expect(title).toHaveValue('Low tide');
  expect(title).toBeInvalid();
});

it('date, time and zone are changed together, and nonsense is told', async () => {
  const id = open((one) => !grid.photo(one)?.unseen);
  const asset = () => sample.library.assets.get(id)?.asset;
  await user.keyboard('i');
  await user.click(await screen.findByRole('button', { name: /^Change date and time/ }));
  const date = screen.getByLabelText('Date');
  await user.clear(date);
  await user.keyboard('{Enter}');
  expect(await screen.findByText(/Write the date as year, month and day/)).toBeVisible();
  await user.type(date, '2024-02-29');
  const time = screen.getByLabelText('Time');
  await user.clear(time);
  await user.type(time, '07:05');
  await user.selectOptions(screen.getByLabelText('Offset from UTC'), '+05:45');
  await user.keyboard('{Enter}');
  await vi.waitFor(() => expect(asset()?.taken_at).toBe('2024-02-29T07:05:00+05:45'));
  expect(asset()?.taken_from).toBe('owner');
  expect(await screen.findByRole('button', { name: /^Change date and time/ })).toHaveFocus();
});

it('tags come by Enter and go by their cross', async () => {
  const titled = [...sample.library.assets.values()].find(({ asset }) => asset.title !== null);
  const id = open((one) => one === titled?.asset.id);
  const tags = () => sample.library.assets.get(id)?.asset.tags;
  await user.keyboard('i');
  await user.type(await screen.findByRole('combobox', { name: 'Add a tag' }), 'snow{Enter}');
  await vi.waitFor(() => expect(tags()).toContain('snow'));
  await user.click(await screen.findByRole('button', { name: 'Take away the tag evening' }));
  await vi.waitFor(() => expect(tags()).not.toContain('evening'));
  expect(viewing.id).toBe(id);
});

it('R turns right, Shift and R left, and both can be undone', async () => {
  const id = open((one) => !grid.photo(one)?.unseen);
  const asset = () => sample.library.assets.get(id)?.asset;
  const { width, height } = { ...asset() };
  await user.keyboard('r');
  await vi.waitFor(() => expect(asset()?.turn).toBe(1));
  expect([asset()?.width, asset()?.height]).toEqual([height, width]);
  await user.keyboard('{Shift>}r{/Shift}{Shift>}r{/Shift}');
  await vi.waitFor(() => expect(asset()?.turn).toBe(3));
  await vi.waitFor(() =>
    expect(toasts.list.at(-1)).toMatchObject({
      text: '1 photo turned left',
      action: { text: 'Undo' },
    }),
  );
});

it('a slideshow goes on by itself, stops for a while by Space, and ends at the last', async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  try {
    const quick = userEvent.setup({ advanceTimers: vi.advanceTimersByTime });
    open((one) => one === ids()[0]);
    await quick.keyboard('s');
    expect(screen.getByTestId('slides')).toBeVisible();
    await vi.advanceTimersByTimeAsync(5_100);
    expect(viewing.id).toBe(ids()[1]);
    await quick.keyboard(' ');
    await vi.advanceTimersByTimeAsync(20_000);
    expect(viewing.id).toBe(ids()[1]);
    await quick.keyboard('{Escape}');
    expect(screen.queryByTestId('slides')).toBeNull();
    expect(viewing.id).toBe(ids()[1]);
  } finally {
    vi.useRealTimers();
  }
});
