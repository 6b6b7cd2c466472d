/** A machine that is always on serves one's links: where that is said, and how it ends. */
import { cleanup, render, screen } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { afterEach, expect, it, vi } from 'vitest';
import App from '../App.svelte';
import { use } from '../host';
import { peers } from '../peers/peers.svelte';
import { sampleHost } from '../sample/host';
import { where } from './place.svelte';

vi.mock('../map/leaf', () => ({ leaf: () => new Promise(() => {}) }));
afterEach(() => {
  cleanup();
  peers.people = [];
  where.go({ view: 'timeline' });
});

async function machines(wishes: string) {
  const user = userEvent.setup();
  const sample = await sampleHost(new URLSearchParams(wishes));
  use(sample);
  where.go({ view: 'machines' });
  render(App);
  const more = (await screen.findAllByTestId('machine-more'))[0];
  return { user, sample, more };
}

it('a machine is asked to serve one’s links, and to end that only after a question', async () => {
  const { user, sample, more } = await machines('');
  const asked = () => sample.asked.filter((one) => one.name === 'peer.serve');
  await user.click(more);
  await user.click(await screen.findByRole('menuitem', { name: 'Let it serve my links' }));
  const serves = await screen.findByTestId('machine-serves');
  expect(serves).toHaveTextContent('Serves your links at https://photos.example.org');
  await user.click(more);
  await user.click(await screen.findByRole('menuitem', { name: 'Stop it serving my links…' }));
  expect(asked()).toHaveLength(1);
  await user.click(await screen.findByRole('button', { name: 'Stop serving' }));
  await vi.waitFor(() => expect(screen.queryByTestId('machine-serves')).toBeNull());
  expect(asked()).toHaveLength(2);
});

it('another person’s links are served here where that is wished', async () => {
  const { user, sample } = await machines('');
  const others = await screen.findAllByTestId('machine-more');
  await user.click(others[others.length - 1]);
  await user.click(await screen.findByRole('menuitem', { name: 'Serve its links here' }));
  const hosts = await screen.findByTestId('machine-hosts');
  expect(hosts).toHaveTextContent('Its 3 links are served here: 240 photos, 240 originals kept');
  expect(sample.asked.some((one) => one.name === 'peer.host')).toBe(true);
});

it('the list of links says who serves them', async () => {
  const sample = await sampleHost(new URLSearchParams('machines=serving&sharing=on'));
  use(sample);
  where.go({ view: 'links' });
  render(App);
  const rows = await screen.findAllByTestId('link-row');
  expect(rows.some((row) => row.textContent.includes('Attic'))).toBe(true);
});
