import { cleanup, render, screen } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { afterEach, expect, it, vi } from 'vitest';
import App from '../App.svelte';
import { albums } from '../album/albums.svelte';
import { use } from '../host';
import { sampleHost, type SampleHost } from '../sample/host';
import { toasts } from '../shared/toasts.svelte';
import { forgetGrids, Grid } from '../timeline/grid.svelte';
import { where } from './place.svelte';
import { sheets } from './sheets.svelte';

let sample: SampleHost;
const user = userEvent.setup();

/** Opens an album of the sample: the first is one's own alone, the fifth is Anna's. */
async function open(nth: number): Promise<string> {
  forgetGrids();
  toasts.list = [];
  sample = await sampleHost(new URLSearchParams());
  use(sample);
  const id = [...sample.library.albums.keys()][nth];
  where.go({ view: 'album', id });
  render(App);
  await screen.findByTestId('people');
  return id;
}
afterEach(() => {
  cleanup();
  sheets.close();
  sheets.menu = null;
  where.go({ view: 'timeline' });
});

/** Opens the album's menu and takes this verb. */
async function choose(words: string) {
  await user.click(screen.getByRole('button', { name: 'More' }));
  const item = (await screen.findByText(words)).closest<HTMLElement>('[role=menuitem]');
  if (!item) throw new Error(`${words} is no verb of a menu`);
  await user.click(item);
}

async function stands(album: string): Promise<string[]> {
  const grid = new Grid({ kind: 'album', album });
  await grid.load();
  return grid.ids(0, grid.count);
}

it('an album is turned round, and that is undone', async () => {
  const id = await open(0);
  const before = await stands(id);
  await choose('Show newest photos first');
  await vi.waitFor(() => expect(albums.byId(id)?.order).toBe('newest'));
  expect(await stands(id)).toEqual(before.toReversed());
  expect(albums.byId(id)?.cover).toBe(before.at(-1));
  const toast = toasts.list.at(-1);
  expect(toast?.text).toBe('Newest photos first, behind links, too');
  await user.click(await screen.findByRole('button', { name: 'Undo' }));
  await vi.waitFor(() => expect(albums.byId(id)?.order).toBe('oldest'));
  expect(await stands(id)).toEqual(before);
});

it('the menu has the other way round, and says what failed', async () => {
  const id = await open(0);
  await albums.edit(id, { order: 'newest' });
  sample.refuse('album.edit', 'The disk is full.');
  await choose('Show oldest photos first');
  await vi.waitFor(() => expect(toasts.list.at(-1)?.text).toMatch(/disk is full/));
  expect(albums.byId(id)?.order).toBe('newest');
});

it('an editor turns another’s album round, with no way back that would undo something else', async () => {
  const id = await open(4);
  await choose('Show newest photos first');
  await vi.waitFor(() => expect(albums.byId(id)?.order).toBe('newest'));
  await vi.waitFor(() => expect(toasts.list.at(-1)?.text).toMatch(/^Newest photos first/));
  expect(screen.queryByRole('button', { name: 'Undo' })).toBeNull();
});
