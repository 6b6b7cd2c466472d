import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { use } from '../host';
import { sampleHost, type SampleHost } from '../sample/host';
import { page, RemotePhotos } from './remote.svelte';

let sample: SampleHost;
let photos: RemotePhotos;
let end: () => void;

beforeEach(async () => {
  sample = await sampleHost(new URLSearchParams('sample=full'));
  use(sample);
  photos = new RemotePhotos('machine-1');
  end = photos.start();
  await vi.waitFor(() => expect(photos.loaded).toBe(true));
});
afterEach(() => end());

const asked = () => sample.asked.filter(({ name }) => name === 'peer.assets');
const order = () => photos.list.map(({ asset }) => asset.taken_at ?? '');

it('asks page by page, newest first, and ends with all of them', async () => {
  expect(photos.list).toHaveLength(page);
  expect(asked()).toHaveLength(1);
  while (photos.goesOn) await photos.more();
  expect(photos.list).toHaveLength(1240);
  expect(asked()).toHaveLength(7);
  expect(new Set(photos.list.map(({ asset }) => asset.id)).size).toBe(1240);
  expect(order()).toEqual(order().toSorted().reverse());
  await photos.more();
  expect(asked()).toHaveLength(7);
});

it('two wishes for more at once are one', async () => {
  await Promise.all([photos.more(), photos.more()]);
  expect(photos.list).toHaveLength(2 * page);
});

it('reads anew as far as one has looked when its machine changes, and not for another’s change', async () => {
  await photos.more();
  const [first] = photos.list;
  const before = asked().length;
  await sample.call('peer.edit', {
    machine: 'machine-1',
    assets: [first.asset.id],
    favorite: !first.asset.favorite,
  });
  await vi.waitFor(() => expect(photos.list[0].asset.favorite).toBe(!first.asset.favorite));
  expect(photos.list).toHaveLength(2 * page);
  expect(photos.goesOn).toBe(true);
  await vi.waitFor(() => expect(asked().length).toBeGreaterThan(before));
});

it('what lies in its trash is not shown', async () => {
  const [{ asset }] = photos.list;
  await sample.call('peer.trash', { machine: 'machine-1', assets: [asset.id] });
  await vi.waitFor(() => expect(photos.placeOf(asset.id)).toBe(-1));
  await sample.call('peer.trash', { machine: 'machine-1', assets: [asset.id], restore: true });
  await vi.waitFor(() => expect(photos.placeOf(asset.id)).toBe(0));
});

it('says why more could not be had, and has it when it is asked again', async () => {
  sample.refuse('peer.assets', 'The catalog is busy; try again.');
  await photos.more();
  expect(photos.problem).toBe('The catalog is busy; try again.');
  expect(photos.list).toHaveLength(page);
  await photos.load();
  expect(photos.problem).toBe('');
  await photos.more();
  expect(photos.list).toHaveLength(2 * page);
});
