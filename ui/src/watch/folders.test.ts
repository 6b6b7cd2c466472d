import { cleanup, render, screen, within } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import App from '../App.svelte';
import { use } from '../host';
import { sampleHost, type SampleHost } from '../sample/host';
import { toasts } from '../shared/toasts.svelte';
import { forgetGrids } from '../timeline/grid.svelte';
import { where } from '../views/place.svelte';

let sample: SampleHost;
const user = userEvent.setup();

async function open(wish: string) {
  forgetGrids();
  toasts.list = [];
  sample = await sampleHost(new URLSearchParams(wish));
  use(sample);
  render(App);
  await user.click(await screen.findByTestId('nav-folders'));
}
beforeEach(() => where.go({ view: 'timeline' }));
afterEach(() => {
  cleanup();
  where.go({ view: 'timeline' });
});

const asked = (name: string) => sample.asked.findLast((call) => call.name === name)?.payload;
const row = async (path: string) =>
  (await screen.findByTitle(path)).closest('[data-testid="folder-row"]') as HTMLElement;

it('an empty place says what watching means, and watches what is chosen', async () => {
  await open('sample=40');
  expect(await screen.findByText(/never writes there/)).toBeVisible();
  await user.click(screen.getByTestId('watch-folder'));
  expect(await row('/home/mira/Pictures')).toBeVisible();
  expect(asked('watch.add')).toEqual({ folder: '/home/mira/Pictures', no_wait: true });
  expect(toasts.list.at(-1)?.text).toBe('Pictures: 128 new');
});

it('a folder that lost much asks, and goes by the answer', async () => {
  await open('');
  const held = within(await row('/home/mira/Scans'));
  expect(held.getByText(/212 files went from here at once/)).toBeVisible();
  await user.click(held.getByTestId('folder-confirm'));
  await vi.waitFor(() => expect(toasts.list.at(-1)?.text).toBe('Scans: 212 gone'));
  expect(within(await row('/home/mira/Scans')).queryByTestId('folder-confirm')).toBeNull();
});

it('says what is away, what could not be taken in, and asks before it stops', async () => {
  await open('');
  expect(await screen.findByText(/Its photos stay in the library; their originals/)).toBeVisible();
  const phone = within(await row('/home/mira/Pictures/Phone'));
  await user.click(phone.getByText('1 file could not be taken in'));
  expect(phone.getByText(/ends in the middle/)).toBeVisible();
  await user.click(phone.getByTestId('folder-remove'));
  expect(asked('watch.remove')).toBeUndefined();
  await user.click(await screen.findByRole('button', { name: 'Stop watching' }));
  await vi.waitFor(() => expect(asked('watch.remove')).toEqual({ folder: 'watched-1' }));
  await vi.waitFor(() => expect(screen.queryByTitle('/home/mira/Pictures/Phone')).toBeNull());
});

it('a failed look is told', async () => {
  await open('');
  sample.refuse('watch.look', 'The disk is full; make room and try again.');
  const phone = within(await row('/home/mira/Pictures/Phone'));
  await user.click(phone.getByRole('button', { name: 'Look now' }));
  await vi.waitFor(() => expect(toasts.list.at(-1)?.text).toMatch(/disk is full/));
});
