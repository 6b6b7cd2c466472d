import { cleanup, render, screen } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import App from '../App.svelte';
import { use } from '../host';
import { sampleHost, type SampleHost } from '../sample/host';
import { forgetGrids } from '../timeline/grid.svelte';
import { imports } from './imports.svelte';

let sample: SampleHost;

beforeEach(async () => {
  forgetGrids();
  imports.ended = [];
  sample = await sampleHost(new URLSearchParams('sample=empty&import=70&pace=0'));
  use(sample);
});
// An import runs to its end before the next story starts.
afterEach(async () => {
  await vi.waitFor(() => expect(imports.busy).toBe(false), { timeout: 10_000 });
  cleanup();
});

function asked(name: string) {
  return sample.asked.findLast((call) => call.name === name)?.payload;
}

it('asks for a folder, imports it, and opens the library', async () => {
  const user = userEvent.setup();
  render(App);
  await user.click(await screen.findByTestId('first-run-choose'));
  expect(await screen.findByTestId('nav-timeline')).toBeVisible();
  expect(asked('import')).toEqual({ paths: ['/home/mira/Pictures'], no_wait: true });
  const words = /68 imported, 1 already there, 1 could not be read/;
  expect(await screen.findByText(words, {}, { timeout: 10_000 })).toBeVisible();
});

it('follows the folder when photos are to stay in place, and takes a name', async () => {
  const user = userEvent.setup();
  render(App);
  await user.click(await screen.findByTestId('first-run-in-place'));
  expect(screen.getByText(/stay where they are/)).toBeVisible();
  await user.type(screen.getByLabelText(/Your name/), 'Mira');
  await user.click(screen.getByTestId('first-run-choose'));
  await vi.waitFor(() => expect(asked('init')).toEqual({ person: 'Mira' }));
  expect(asked('import')).toBeUndefined();
  expect(asked('watch.add')).toEqual({ folder: '/home/mira/Pictures', no_wait: true });
});

it('a folder dropped anywhere is imported', async () => {
  render(App);
  await screen.findByTestId('first-run-choose');
  sample.drop({ kind: 'over' });
  expect(await screen.findByText('Drop photos and videos to import them')).toBeVisible();
  sample.drop({ kind: 'dropped', paths: ['/media/card/DCIM'] });
  await vi.waitFor(() =>
    expect(asked('import')).toEqual({ paths: ['/media/card/DCIM'], no_wait: true }),
  );
});

it('a choice that was called off changes nothing', async () => {
  const user = userEvent.setup();
  sample.chooseFolders = async () => [];
  render(App);
  await user.click(await screen.findByTestId('first-run-choose'));
  expect(asked('import')).toBeUndefined();
  expect(screen.getByTestId('first-run-choose')).toBeVisible();
});

it('a card that is connected is imported, and copied in any case', async () => {
  const user = userEvent.setup();
  render(App);
  await user.click(await screen.findByTestId('first-run-in-place'));
  await user.click(screen.getByTestId('first-run-sources'));
  await user.click((await screen.findAllByTestId('source'))[0]);
  await vi.waitFor(() =>
    expect(asked('import')).toEqual({ paths: ['/run/media/mira/EOS_DIGITAL/DCIM'], no_wait: true }),
  );
});
