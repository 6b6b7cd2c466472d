import { cleanup, render, screen } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { albums } from '../album/albums.svelte';
import { use } from '../host';
import { links } from '../link/links.svelte';
import { sampleHost, type SampleHost } from '../sample/host';
import { sharing } from '../sharing/sharing.svelte';
import { sheets } from '../views/sheets.svelte';
import { startWall } from '../views/verbs';
import StartWall from './StartWall.svelte';
import Wall from './Wall.svelte';
import { walls } from './walls.svelte';

let sample: SampleHost;
let ends: (() => void)[] = [];
const user = userEvent.setup();

beforeEach(async () => {
  sample = await sampleHost(new URLSearchParams('sample=full&sharing=on'));
  use(sample);
  ends = [albums.start(), links.start(), sharing.start()];
  await Promise.all([albums.load(), links.load(), sharing.load()]);
});
afterEach(() => {
  cleanup();
  ends.forEach((end) => end());
  walls.end();
  sheets.close();
});

const link = () => {
  const found = links.list.find(({ upload }) => upload === 'add');
  if (!found?.album) throw new Error('the sample has a link that takes photos in');
  return { id: found.id, album: found.album };
};
const now = () => screen.getByTestId('wall').querySelector<HTMLElement>('[data-now]')?.dataset.now;

it('shows the newest photo large, and how to add more', async () => {
  const { id, album } = link();
  render(Wall, { album, onclose: () => {} });
  const held = sample.library.held(sample.library.albums.get(album) ?? { assets: [] });
  const [newest] = held.toSorted((a, b) => b.at - a.at);
  await vi.waitFor(() => expect(now()).toBe(newest.asset.id));
  expect(screen.getByText('Add your photos')).toBeVisible();
  expect(screen.getByTestId('wall-address')).toHaveTextContent(/camera/);
  await links.edit({ id, name: 'dolomites', guessable: true });
  expect(screen.getByTestId('wall-address')).toHaveTextContent('192.168.1.5:8477/s/dolomites');
  expect(await screen.findByAltText('QR code of the link')).toBeVisible();
});

it('begins with the newest also where the album does', async () => {
  const { album } = link();
  await albums.edit(album, { order: 'newest' });
  render(Wall, { album, onclose: () => {} });
  const held = sample.library.held(sample.library.albums.get(album) ?? { assets: [] });
  const [newest] = held.toSorted((a, b) => b.at - a.at);
  await vi.waitFor(() => expect(now()).toBe(newest.asset.id));
});

it('shows what comes in next, with who sent it', async () => {
  const { id, album } = link();
  await links.edit({ id, auto_accept: true });
  render(Wall, { album, onclose: () => {} });
  await vi.waitFor(() => expect(now()).toBeDefined());
  const asked = sample.asked.length;
  sample.arrive(id, 'Ben', 1);
  await vi.waitFor(() =>
    expect(sample.asked.slice(asked).some(({ name }) => name === 'grid')).toBe(true),
  );
  await user.keyboard('{ArrowRight}');
  expect(now()).toBe(sample.library.albums.get(album)?.assets.at(-1));
  expect(await screen.findAllByText('From Ben')).not.toHaveLength(0);
});

it('Space stops it for a while, and Esc ends it', async () => {
  const onclose = vi.fn();
  render(Wall, { album: link().album, onclose });
  await vi.waitFor(() => expect(now()).toBeDefined());
  await user.keyboard(' ');
  expect(screen.getByText('Paused')).toBeInTheDocument();
  await user.keyboard(' ');
  expect(screen.queryByText('Paused')).toBeNull();
  await user.keyboard('{Escape}');
  expect(onclose).toHaveBeenCalledOnce();
});

it('says that sharing is off where a code would lead nowhere', async () => {
  await sharing.turn(false);
  render(Wall, { album: link().album, onclose: () => {} });
  expect(await screen.findByText(/Sharing is off/)).toBeVisible();
  expect(screen.queryByAltText('QR code of the link')).toBeNull();
});

it('starts at once where a link takes photos in, and else makes one by a click', async () => {
  startWall(link().album);
  expect(walls.album).toBe(link().album);
  walls.end();
  const other = albums.list.find(({ links }) => links === 0)?.id ?? '';
  startWall(other);
  expect(walls.album).toBeNull();
  expect(sheets.open).toMatchObject({ kind: 'wall', album: other });
  const onstart = vi.fn();
  render(StartWall, { album: other, title: 'Allotment', onstart, onclose: () => {} });
  await user.click(screen.getByTestId('wall-auto'));
  await user.click(screen.getByTestId('wall-make'));
  await vi.waitFor(() => expect(onstart).toHaveBeenCalled());
  expect(sample.asked.findLast(({ name }) => name === 'link.create')?.payload).toMatchObject({
    album: other,
    upload: 'add',
    auto_accept: true,
  });
});
