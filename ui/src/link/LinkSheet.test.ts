import { cleanup, render, screen } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { use } from '../host';
import { sampleHost, type SampleHost } from '../sample/host';
import { toasts } from '../shared/toasts.svelte';
import { links } from './links.svelte';
import LinkSheet from './LinkSheet.svelte';

let sample: SampleHost;

beforeEach(async () => {
  sample = await sampleHost(new URLSearchParams('sample=full'));
  use(sample);
  await links.load();
});
afterEach(cleanup);

it('tells who was there, and what the files give away', async () => {
  const link = links.list.find(({ visits }) => visits > 0);
  await links.edit({ id: link?.id ?? '', show_metadata: false });
  render(LinkSheet, { id: link?.id ?? '', onuncomment: () => {}, onclose: () => {} });
  expect(await screen.findByText('Opened 31 times')).toBeVisible();
  expect(screen.getAllByText('Safari on an iPhone')[0]).toBeVisible();
  expect(await screen.findByText(/0 locations, 0 serials/)).toBeVisible();
});

it('saves a card of the link where one says', async () => {
  const user = userEvent.setup();
  const { id } = links.list[0];
  await links.renew(id);
  const link = links.list.find((one) => one.state === 'open');
  render(LinkSheet, { id: link?.id ?? '', onuncomment: () => {}, onclose: () => {} });
  await user.click(screen.getByText('Save card to print…'));
  expect(sample.asked.findLast(({ name }) => name === 'link.qr')?.payload).toMatchObject({
    id: link?.id,
    card: true,
  });
});

it('tells how many have come, and frees their places', async () => {
  const user = userEvent.setup();
  const link = links.list.find((one) => one.state === 'open');
  await links.edit({ id: link?.id ?? '', people_at_most: 5 });
  const kept = sample.library.links.get(link?.id ?? '');
  if (kept) kept.people = 3;
  await links.load();
  render(LinkSheet, { id: link?.id ?? '', onuncomment: () => {}, onclose: () => {} });
  expect(screen.getByText(/3 of 5 people/)).toBeVisible();
  await user.click(screen.getByTestId('link-free'));
  expect(await screen.findByText(/0 of 5 people/)).toBeVisible();
});

it('tells once that a password is being guessed, and lets the link rest', async () => {
  localStorage.clear();
  const link = links.list.find((one) => one.has_password && one.state === 'open');
  const kept = sample.library.links.get(link?.id ?? '');
  if (kept) kept.guessed_at = new Date().toISOString();
  await links.load();
  await links.load();
  const told = toasts.list.filter(({ text }) => text.includes('guessing'));
  expect(told).toHaveLength(1);
  expect(told[0].others?.map(({ text }) => text)).toEqual(['New address']);
  render(LinkSheet, { id: link?.id ?? '', onuncomment: () => {}, onclose: () => {} });
  expect(screen.getByText(/More than 100 wrong passwords/)).toBeVisible();
  told[0].action?.run();
  await vi.waitFor(() =>
    expect(links.list.find(({ id }) => id === link?.id)?.state).toBe('paused'),
  );
});
