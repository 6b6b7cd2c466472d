import { cleanup, render, screen } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import App from '../App.svelte';
import { use } from '../host';
import { sampleHost, type SampleHost } from '../sample/host';
import { toasts } from '../shared/toasts.svelte';
import { forgetGrids, gridOf } from '../timeline/grid.svelte';
import { viewing } from '../viewer/viewing.svelte';
import { where } from './place.svelte';
import { photoMenu } from './verbs';

let sample: SampleHost;
const user = userEvent.setup();

async function open(wishes: string) {
  forgetGrids();
  toasts.list = [];
  sample = await sampleHost(new URLSearchParams(`sample=40&${wishes}`));
  use(sample);
  render(App);
  const grid = gridOf({ kind: 'all' });
  await vi.waitFor(() => expect(grid.count).toBe(40));
  return grid;
}
afterEach(() => {
  cleanup();
  viewing.close();
  where.go({ view: 'timeline' });
});

const state = (id: string) => sample.library.assets.get(id)?.asset.state;
const choose = (words: string) => {
  const grid = gridOf({ kind: where.now.view === 'locked' ? 'locked' : 'all' });
  const item = photoMenu(grid).find((one) => one !== 'line' && one.text === words);
  if (!item || item === 'line') throw new Error(`no ${words}`);
  item.run();
};

describe('locked photos', () => {
  it('need a PIN first, typed twice', async () => {
    const grid = await open('');
    grid.selection.replace(await grid.ids(0, 2));
    choose('Lock');
    await screen.findByText('Choose a PIN for locked photos');
    expect(toasts.list.at(-1)?.text).toBe('Choose a PIN first, and then lock photos');
    await user.type(screen.getByTestId('pin'), '2718');
    await user.type(screen.getByTestId('pin-again'), '2719');
    await user.click(screen.getByTestId('pin-go'));
    expect(screen.getByRole('alert').textContent).toContain('type the new PIN twice');
    await user.clear(screen.getByTestId('pin-again'));
    await user.type(screen.getByTestId('pin-again'), '2718');
    await user.click(screen.getByTestId('pin-go'));
    await screen.findByText('Nothing is locked');
  });

  it('are asked for by the PIN, and go when they are closed', async () => {
    const grid = await open('pin=2718');
    const ids = await grid.ids(0, 2);
    grid.selection.replace(ids);
    choose('Lock');
    await vi.waitFor(() => expect(ids.map(state)).toEqual(['locked', 'locked']));
    grid.settle();
    where.go({ view: 'locked' });
    await user.type(await screen.findByTestId('pin'), '0000{Enter}');
    await screen.findByText('That is not the PIN.');
    await user.type(screen.getByTestId('pin'), '2718{Enter}');
    const locked = gridOf({ kind: 'locked' });
    await vi.waitFor(() => expect(locked.count).toBe(2));
    viewing.open(locked, ids[0]);
    await screen.findByTestId('viewer');
    await user.click(screen.getByTestId('lock-close'));
    await screen.findByTestId('pin');
    expect(locked.count).toBe(0);
    expect(locked.at(0)).toBeUndefined();
    await vi.waitFor(() => expect(screen.queryByTestId('viewer')).toBeNull());
  });

  it('are neither shared nor put into albums, and come back by Unlock', async () => {
    const grid = await open('pin=2718&locked=open');
    const [id] = await grid.ids();
    grid.selection.replace([id]);
    choose('Lock');
    await vi.waitFor(() => expect(state(id)).toBe('locked'));
    where.go({ view: 'locked' });
    const locked = gridOf({ kind: 'locked' });
    await vi.waitFor(() => expect(locked.at(0)?.id).toBe(id));
    locked.selection.replace([id]);
    const words = photoMenu(locked).flatMap((item) => (item === 'line' ? [] : [item.text]));
    expect(words).toEqual([
      'Open',
      'Favourite',
      'Edit details…',
      'Turn right',
      'Turn left',
      'Save a copy…',
      'Unlock',
      'Move to trash',
    ]);
    choose('Unlock');
    await vi.waitFor(() => expect(state(id)).toBe('present'));
    await vi.waitFor(() => expect(toasts.list.at(-1)?.text).toBe('1 photo back in the timeline'));
  });

  it('close by themselves', async () => {
    await open('pin=2718&locked=open&closes=30');
    where.go({ view: 'locked' });
    await screen.findByText('Nothing is locked');
    sample.library.lockedOpen = false;
    await screen.findByTestId('pin');
  });
});
