import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { use } from '../host';
import { sampleHost, type SampleHost } from '../sample/host';
import Tile from './Tile.svelte';

let sample: SampleHost;

beforeEach(async () => {
  sample = await sampleHost(new URLSearchParams('sample=40'));
  use(sample);
  vi.useFakeTimers();
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const plain = {
  thumbhash: '',
  time: Date.UTC(2026, 4, 3, 14, 30),
  favourite: false,
  live: false,
  unseen: false,
  chosen: false,
  choosing: false,
  entry: true,
  position: 1,
  total: 1,
  left: 0,
  top: 0,
  width: 200,
  height: 150,
};

function some(kind: (asset: { motion: string | null; unseen: string | null }) => boolean): string {
  const found = [...sample.library.assets.values()].find(({ asset }) => kind(asset));
  return found?.asset.id ?? '';
}

it('a video shows its length, and is named by it', () => {
  render(Tile, { ...plain, id: '0190b6a0-0000-7000-8000-000000000001', length: 3_723_000 });
  expect(screen.getByText('1:02:03')).toBeVisible();
  expect(screen.getByTestId('tile')).toHaveAccessibleName(/^Video 1:02:03, Sunday/);
});

it('a video of unknown length is still a video', () => {
  render(Tile, { ...plain, id: '0190b6a0-0000-7000-8000-000000000001', length: 0 });
  expect(screen.getByTestId('tile')).toHaveAccessibleName(/^Video, Sunday/);
});

it('a live photo plays where the pointer rests, and stops when it leaves', async () => {
  render(Tile, { ...plain, id: some(({ motion }) => motion !== null), live: true });
  const tile = screen.getByTestId('tile');
  await fireEvent.pointerEnter(tile);
  await vi.advanceTimersByTimeAsync(140);
  expect(screen.queryByTestId('live')).toBeNull();
  await vi.advanceTimersByTimeAsync(20);
  const part = screen.getByTestId<HTMLVideoElement>('live');
  expect([part.muted, part.loop, part.autoplay]).toEqual([true, true, true]);
  await fireEvent.pointerLeave(tile);
  expect(screen.queryByTestId('live')).toBeNull();
  expect(sample.played.size).toBe(0);
});

it('nothing plays for who passes by, nor for who asked for less motion', async () => {
  const id = some(({ motion }) => motion !== null);
  render(Tile, { ...plain, id, live: true });
  const tile = screen.getByTestId('tile');
  await fireEvent.pointerEnter(tile);
  await vi.advanceTimersByTimeAsync(100);
  await fireEvent.pointerLeave(tile);
  await vi.advanceTimersByTimeAsync(500);
  expect(screen.queryByTestId('live')).toBeNull();

  vi.stubGlobal('matchMedia', () => ({ matches: true }));
  await fireEvent.pointerEnter(tile);
  await vi.advanceTimersByTimeAsync(500);
  expect(screen.queryByTestId('live')).toBeNull();
});

it('what has no preview shows its kind in place of a picture', async () => {
  const id = some(({ unseen }) => unseen !== null);
  render(Tile, { ...plain, id, unseen: true });
  await vi.advanceTimersByTimeAsync(0);
  expect(document.querySelector('[data-kind="CR3"]')).toBeVisible();
  expect(document.querySelector('img')).toBeNull();
  expect(screen.getByTestId('tile')).toHaveAccessibleName(/no preview$/);
});

it('a photo that waits says so, and for which machine where that is known', () => {
  const id = '0190b6a0-0000-7000-8000-000000000001';
  const { unmount } = render(Tile, { ...plain, id, waits: true, waitsFor: 'Attic' });
  expect(screen.getByTitle('Waits for Attic')).toBeVisible();
  expect(screen.getByRole('option')).toHaveAccessibleName(/, waits$/);
  unmount();
  render(Tile, { ...plain, id, waits: true });
  expect(screen.getByTitle('Waits for the machine that it lives on')).toBeVisible();
});

it('says that it is somebody else’s where it is told so', () => {
  const id = some(({ motion, unseen }) => motion === null && unseen === null);
  render(Tile, { ...plain, id, others: true });
  expect(screen.getByTestId('tile')).toHaveAccessibleName(/somebody else’s$/);
  expect(screen.getByTitle('A photo of somebody else')).toBeInTheDocument();
});
