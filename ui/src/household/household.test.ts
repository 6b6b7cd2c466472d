import { cleanup, render, screen, waitFor, within } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { afterEach, describe, expect, it } from 'vitest';
import App from '../App.svelte';
import { use } from '../host';
import { sampleHost, type SampleHost } from '../sample/host';
import { toasts } from '../shared/toasts.svelte';
import { forgetGrids, Grid } from '../timeline/grid.svelte';
import { viewing } from '../viewer/viewing.svelte';
import { where, type Place } from '../views/place.svelte';
import { sheets } from '../views/sheets.svelte';
import { photoMenu, saveToLibrary } from '../views/verbs';
import { initials } from './words';

let sample: SampleHost;
const user = userEvent.setup();

async function open(place: Place | 'own' | 'theirs') {
  forgetGrids();
  toasts.list = [];
  sample = await sampleHost(new URLSearchParams());
  use(sample);
  const ids = [...sample.library.albums.keys()];
  where.go(
    place === 'own' || place === 'theirs'
      ? { view: 'album', id: ids[place === 'own' ? 2 : 4] }
      : place,
  );
  render(App);
  await screen.findByTestId('nav-news');
}
afterEach(() => {
  cleanup();
  viewing.close();
  sheets.close();
  sheets.menu = null;
  where.go({ view: 'timeline' });
});

const asked = (name: string) => sample.asked.filter((one) => one.name === name);

async function people() {
  await user.click(await screen.findByTestId('people'));
  await screen.findAllByTestId('member');
  return within(screen.getByRole('dialog'));
}

async function choose(words: string) {
  const item = (await screen.findByText(words)).closest<HTMLElement>('[role=menuitem]');
  if (!item) throw new Error(`${words} is no verb of a menu`);
  await user.click(item);
}

it('a circle has the first letters of a name', () => {
  expect(['Anna', 'Tante Käthe Maria', 'éva', ' '].map(initials)).toEqual(['A', 'TM', 'É', '·']);
});

describe('an album of one’s own', () => {
  it('tells who is in it, and changes what each may', async () => {
    await open('own');
    const sheet = await people();
    expect(sheet.getByText('may add · 12 photos')).toBeVisible();
    expect(sheet.getByText('may look · asked')).toBeVisible();
    await user.click(sheet.getByRole('button', { name: 'More about Anna' }));
    await choose('Let them add photos');
    await until(() => asked('album.role').length === 1);
    expect(asked('album.role')[0].payload).toMatchObject({ person: 'person-3', role: 'editor' });
    await sheet.findByText('may add · asked');
  });

  it('asks before somebody is taken out, and says what becomes of their photos', async () => {
    await open('own');
    const sheet = await people();
    await user.click(sheet.getByRole('button', { name: 'More about Ben' }));
    await choose('Take out, with 12 photos…');
    expect(await screen.findByText(/12 photos of theirs leave the album/)).toBeVisible();
    expect(asked('album.unshare')).toEqual([]);
    await user.click(screen.getByTestId('confirm'));
    await until(() => asked('album.unshare').length === 1);
    expect(asked('album.unshare')[0].payload).toMatchObject({ with_photos: true });
    // The sheet is there again, without Ben.
    expect((await screen.findAllByTestId('member')).length).toBe(2);
  });
});

describe('another’s album', () => {
  it('says whose it is and what waits, and has no verbs of an owner', async () => {
    await open('theirs');
    expect(await screen.findByText('by Anna, with Ben')).toBeVisible();
    expect(screen.getByText('3 photos wait for the machine of Anna.')).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'More' }));
    expect(await screen.findByText('Leave the album…')).toBeInTheDocument();
    expect(screen.queryByText('Delete album…')).toBeNull();
  });

  it('has others’ photos saved, not edited', async () => {
    await open('theirs');
    const id = [...sample.library.albums.keys()][4];
    const grid = new Grid({ kind: 'album', album: id });
    await grid.load();
    const words = () => photoMenu(grid).flatMap((item) => (item === 'line' ? [] : [item.text]));
    const [theirs, ...rest] = await grid.ids(0, 51);
    grid.selection.replace([theirs]);
    expect(words()).toEqual(['Open', 'Save to my library', 'Save a copy…']);
    const own = rest.find((one) => sample.library.assets.get(one)?.asset.is_mine) ?? '';
    grid.selection.replace([own]);
    expect(words()).toContain('Remove from album');
    expect(words()).not.toContain('Save to my library');
    // One of them among one's own is enough.
    grid.selection.replace([own, theirs]);
    expect(words()).not.toContain('Archive');
    await saveToLibrary([theirs]);
    expect(toasts.list.at(-1)?.text).toBe('1 photo in your library');
  });

  it('is left with one’s photos or without', async () => {
    await open('theirs');
    const sheet = await people();
    await user.click(sheet.getByRole('button', { name: 'Leave and take my photos' }));
    await until(() => asked('album.leave').length === 1);
    expect(asked('album.leave')[0].payload).toMatchObject({ with_photos: true });
    expect(where.now).toEqual({ view: 'albums' });
  });

  it('has links of one’s own where its owner lets one make them', async () => {
    await open('theirs');
    await user.click(await screen.findByTestId('share'));
    await user.type(await screen.findByLabelText('For whom'), 'Oma');
    await user.click(screen.getByTestId('make-link'));
    const link = await screen.findByText(/192.168.1.9/);
    expect(link).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'Copy link' }));
    expect(sample.copied).toEqual([link.textContent]);
  });
});

describe('what others did', () => {
  it('is told gathered, and seen by being looked at', async () => {
    await open({ view: 'albums' });
    const entry = await screen.findByTestId('nav-news');
    expect(await within(entry).findByText('3')).toBeVisible();
    await user.click(entry);
    expect(await screen.findByText('Anna added 31 photos to «Kiel Week»')).toBeVisible();
    expect((await screen.findAllByTestId('notice')).length).toBe(5);
    expect(screen.getByText('Anna sees your library now')).toBeVisible();
    await until(() => asked('notice.read').length === 1);
    await until(() => within(entry).queryByText('3') === null);
  });

  it('an offer is accepted where the albums are', async () => {
    await open({ view: 'albums' });
    expect(await screen.findByText(/Ben shares «Winter at the lake» with you/)).toBeVisible();
    await user.click(screen.getByTestId('offer-accept'));
    await until(() => asked('album.accept').length === 1);
    await until(() => screen.queryByTestId('offer-accept') === null);
  });
});

async function until(holds: () => boolean): Promise<void> {
  await waitFor(() => expect(holds()).toBe(true));
}
