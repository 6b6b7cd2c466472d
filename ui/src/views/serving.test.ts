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

const user = userEvent.setup();

/** A verb of the menu that is open. */
async function choose(words: string) {
  const item = await vi.waitFor(() => {
    const found = screen.getAllByText(words, { selector: '[role=menuitem] *' });
    return found[0].closest<HTMLElement>('[role=menuitem]');
  });
  if (!item) throw new Error(`${words} is no verb of a menu`);
  await user.click(item);
}

async function machines(wishes: string) {
  const sample = await sampleHost(new URLSearchParams(wishes));
  use(sample);
  where.go({ view: 'machines' });
  render(App);
  const more = (await screen.findAllByTestId('machine-more'))[0];
  return { sample, more };
}

it('a machine is asked to serve one’s links, and to end that only after a question', async () => {
  const { sample, more } = await machines('');
  const asked = () => sample.asked.filter((one) => one.name === 'peer.serve');
  await user.click(more);
  await choose('Let it stand in for this machine');
  const serves = await screen.findByTestId('machine-serves');
  expect(serves).toHaveTextContent('serves your links at https://photos.example.org');
  await user.click(more);
  await choose('Stop it standing in…');
  expect(asked()).toHaveLength(1);
  await user.click(await screen.findByRole('button', { name: 'Stop it' }));
  await vi.waitFor(() => expect(screen.queryByTestId('machine-serves')).toBeNull());
  expect(asked()).toHaveLength(2);
});

it('another person’s links are served here where that is wished', async () => {
  const { sample } = await machines('');
  const others = await screen.findAllByTestId('machine-more');
  await user.click(others[others.length - 1]);
  await choose('Stand in for it here');
  const hosts = await screen.findByTestId('machine-hosts');
  expect(hosts).toHaveTextContent(
    'Its 3 links and what it shares are served here: 240 photos, 240 originals kept; 12 files of visitors wait for it; 3 photos for its albums wait for it',
  );
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
