import { cleanup, render, screen, within } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import App from '../App.svelte';
import { albums } from '../album/albums.svelte';
import { news, offers } from './household.svelte';
import { use } from '../host';
import { peers } from '../peers/peers.svelte';
import { sampleHost, type SampleHost } from '../sample/host';
import { toasts } from '../shared/toasts.svelte';
import { forgetGrids, gridOf } from '../timeline/grid.svelte';
import { viewing } from '../viewer/viewing.svelte';
import { where, type Place } from '../views/place.svelte';
import { sheets } from '../views/sheets.svelte';
import { areOthers, photoMenu } from '../views/verbs';

let sample: SampleHost;
const user = userEvent.setup();
/** One's own that is shared, one that nobody is in, and Anna's. */
const [own, alone, annas] = ['album-000423', 'album-000424', 'album-000425'];

async function open(place: Place, furnish: (host: SampleHost) => void = () => {}) {
  forgetGrids();
  toasts.list = [];
  sample = await sampleHost(new URLSearchParams('sample=full'));
  furnish(sample);
  use(sample);
  where.go(place);
  render(App);
  await screen.findByTestId('nav-news');
}
afterEach(() => {
  cleanup();
  sheets.close();
  sheets.menu = null;
  peers.people = [];
  albums.list = [];
  offers.list = [];
  news.list = [];
  news.unseen = 0;
  where.go({ view: 'timeline' });
});

const asked = (name: string) => sample.asked.filter((one) => one.name === name);
const payload = (name: string) => asked(name).at(-1)?.payload;

/** The grid of an album, with its first photos here. */
async function gridHere(album: string) {
  await albums.load();
  const grid = gridOf({ kind: 'album', album });
  await grid.load();
  await Promise.all(grid.sections.map((section) => grid.whole(section)));
  return grid;
}
const icons = (grid: Parameters<typeof photoMenu>[0]) =>
  photoMenu(grid).flatMap((item) => (item === 'line' ? [] : [item.icon]));

describe('photos of others', () => {
  const changing = ['heart', 'edit', 'turn', 'archive', 'lock', 'trash', 'share', 'link'];

  it('are copied, and not changed, also among others of one’s own', async () => {
    await open({ view: 'albums' });
    const grid = await gridHere(annas);
    const ids = await grid.ids();
    const [theirs, mine] = [true, false].map(
      (others) => ids.find((id) => (grid.photo(id)?.others ?? false) === others) ?? '',
    );
    grid.selection.only(mine);
    expect(areOthers(grid)).toBe(false);
    expect(icons(grid)).toEqual(expect.arrayContaining(['turn', 'trash', 'minus']));
    grid.selection.toggle(theirs);
    expect(areOthers(grid)).toBe(true);
    for (const icon of changing) expect(icons(grid)).not.toContain(icon);
    expect(icons(grid)).toContain('receive');
    // Also when all are chosen, which names none of them.
    grid.selection.everything();
    expect(areOthers(grid)).toBe(true);
    expect(icons(grid)).not.toContain('trash');
  });

  it('are neither thrown away nor turned by a key of the viewer', async () => {
    await open({ view: 'albums' });
    const grid = await gridHere(annas);
    const theirs = (await grid.ids()).find((id) => grid.photo(id)?.others) ?? '';
    viewing.open(grid, theirs);
    await screen.findByTestId('viewer');
    await user.keyboard('r.{Delete}');
    expect(asked('asset.edit')).toHaveLength(0);
    expect(asked('trash')).toHaveLength(0);
    expect(screen.getByTestId('viewer')).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'Save to my library' }));
    expect(payload('asset.save')).toEqual({ ids: [theirs] });
    await vi.waitFor(() => expect(toasts.list.at(-1)?.text).toBe('1 photo in your library'));
    viewing.close();
  });
});

describe('people of an album', () => {
  const sheet = async (album: string) => {
    await open({ view: 'album', id: album });
    await user.click(await screen.findByTestId('people'));
    return within(await screen.findByRole('dialog'));
  };

  it('are asked in with what they may do', async () => {
    const dialog = await sheet(alone);
    expect(dialog.queryByTestId('member')).toBeNull();
    await user.click(await dialog.findByTestId('pick-person'));
    const who = within(dialog.getByRole('radiogroup', { name: 'What they may do' }));
    await user.click(who.getByRole('radio', { name: 'May add' }));
    await user.click(dialog.getByTestId('ask-in'));
    expect(payload('album.share')).toEqual({ album: alone, people: ['person-2'], role: 'editor' });
    expect(await dialog.findByText(/may add · asked/)).toBeVisible();
    expect(dialog.queryByTestId('pick-person')).toBeNull();
  });

  it('says so when one could not be asked, and keeps whom one chose', async () => {
    const dialog = await sheet(alone);
    await user.click(await dialog.findByTestId('pick-person'));
    sample.refuse('album.share', 'The disk is full. Free some space and try again.');
    await user.click(dialog.getByTestId('ask-in'));
    expect(await dialog.findByRole('alert')).toHaveTextContent('The disk is full');
    expect(dialog.getByTestId('pick-person')).toBeChecked();
  });

  it('who is connected to nobody is led to the machines', async () => {
    await open({ view: 'album', id: alone }, ({ peers: around }) => {
      around.people = around.people.filter((one) => one.is_own);
    });
    await user.click(await screen.findByTestId('people'));
    await user.click(
      within(await screen.findByRole('dialog')).getByRole('button', { name: 'Connect a machine' }),
    );
    expect(where.now).toEqual({ view: 'machines' });
  });
});

describe('an album that one may only look at', () => {
  const viewer = (host: SampleHost) => {
    const { sharing } = host.library.albums.get(annas) ?? {};
    Object.assign(sharing ?? {}, { role: 'viewer', links: false });
  };

  it('is not added to, renamed, linked or deleted', async () => {
    await open({ view: 'album', id: annas }, viewer);
    expect(await screen.findByTestId('album-title')).toHaveAttribute('readonly');
    expect(screen.queryByTestId('share')).toBeNull();
    await user.click(screen.getByRole('button', { name: 'More' }));
    const items = await screen.findAllByRole('menuitem', { hidden: true });
    expect(items.map((one) => one.textContent?.trim())).toEqual(['Leave the album…']);
  });

  it('takes nothing that is dropped on the window: that goes into the library', async () => {
    await open({ view: 'album', id: annas }, viewer);
    await screen.findByTestId('album-title');
    sample.drop({ kind: 'dropped', paths: ['/home/mira/a.jpg'] });
    await vi.waitFor(() => expect(asked('import')).toHaveLength(1));
    expect(payload('import')).not.toHaveProperty('album', annas);
  });
});

it('a link by which visitors add photos is made of one’s own albums alone', async () => {
  await open({ view: 'albums' });
  await screen.findAllByTestId('album-card');
  sheets.open = { kind: 'invite' };
  const titles = (await screen.findAllByTestId('pick-album')).map((one) => one.textContent);
  expect(titles.join()).toContain('Allotment');
  expect(titles.join()).not.toContain('Kiel Week');
});

it('an offer is answered, and goes', async () => {
  await open({ view: 'albums' });
  expect(await screen.findByText(/Ben shares «Winter at the lake» with you/)).toBeVisible();
  sample.refuse('album.accept', 'Ben took this back.');
  await user.click(screen.getByTestId('offer-accept'));
  await vi.waitFor(() => expect(toasts.list.at(-1)?.text).toBe('Ben took this back.'));
  await user.click(screen.getByTestId('offer-decline'));
  await vi.waitFor(() => expect(screen.queryByTestId('offer-accept')).toBeNull());
  expect(payload('album.decline')).toEqual({ album: 'album-offered' });
});

describe('comments', () => {
  const conversation = async (album: string, furnish?: (host: SampleHost) => void) => {
    await open({ view: 'album', id: album }, furnish);
    await user.click(await screen.findByTestId('album-comments'));
    await screen.findByTestId('conversation');
    return screen.findAllByTestId('comment');
  };

  it('of one’s own are changed, and say so', async () => {
    const all = await conversation(own);
    const mine = all.findIndex((row) => within(row).queryByTestId('comment-edit') !== null);
    expect(screen.getAllByTestId('comment-edit')).toHaveLength(1);
    await user.click(within(all[mine]).getByTestId('comment-edit'));
    const words = await screen.findByTestId('comment-edit-text');
    await user.clear(words);
    await user.type(words, 'Come along!');
    await user.click(screen.getByRole('button', { name: 'Keep' }));
    expect(payload('comment.edit')).toMatchObject({ text: 'Come along!' });
    const now = (await screen.findByText('Come along!')).closest('li') as HTMLElement;
    expect(within(now).getByText('changed')).toBeVisible();
  });

  it('of others stay in another’s album', async () => {
    await conversation(annas, ({ library }) => {
      const from = library.comments.filter((one) => one.album === own);
      for (const one of from)
        library.comments.push({ ...one, id: `${one.id}-there`, album: annas });
    });
    expect(screen.getAllByTestId('comment').length).toBeGreaterThan(1);
    expect(screen.getAllByTestId('comment-delete')).toHaveLength(1);
  });
});
