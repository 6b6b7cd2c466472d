import { cleanup, render, screen } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { afterEach, expect, it, vi } from 'vitest';
import App from '../App.svelte';
import { use } from '../host';
import { peers } from '../peers/peers.svelte';
import { sampleHost } from '../sample/host';
import { toasts } from '../shared/toasts.svelte';
import { where } from './place.svelte';

vi.mock('../map/leaf', () => ({ leaf: () => new Promise(() => {}) }));
afterEach(() => {
  cleanup();
  peers.people = [];
  where.go({ view: 'timeline' });
});

it('photos of one’s own machine show in the timeline where that is wished', async () => {
  const user = userEvent.setup();
  const sample = await sampleHost(new URLSearchParams());
  use(sample);
  where.go({ view: 'machine', id: 'machine-1' });
  render(App);
  const asked = (name: string) => sample.asked.filter((one) => one.name === name);
  const before = sample.library.assets.size;
  const shown = await screen.findByTestId('machine-timeline');
  expect(shown).not.toBeChecked();
  await user.click(shown);
  await vi.waitFor(() => expect(asked('peer.timeline')).toHaveLength(1));
  await vi.waitFor(() => expect(peers.machine('machine-1')?.in_timeline).toBe(true));
  expect(sample.library.assets.size).toBeGreaterThan(before);
  sample.refuse('peer.timeline', 'It was forgotten meanwhile.');
  await user.click(shown);
  await vi.waitFor(() => expect(toasts.list.at(-1)?.text).toMatch(/forgotten meanwhile/));
  expect(shown).toBeChecked();
});
