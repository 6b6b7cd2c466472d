import { cleanup, render, screen, within } from '@testing-library/svelte';
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
  render(LinkSheet, {
    id: link?.id ?? '',
    onuncomment: () => {},
    onwaiting: () => {},
    onphotos: () => {},
    onclose: () => {},
  });
  expect(await screen.findByText('Opened 31 times')).toBeVisible();
  expect(screen.getAllByText('Safari on an iPhone')[0]).toBeVisible();
  expect(await screen.findByText(/0 locations, 0 serials/)).toBeVisible();
});

it('saves a card of the link where one says', async () => {
  const user = userEvent.setup();
  const { id } = links.list[0];
  await links.renew(id);
  const link = links.list.find((one) => one.state === 'open');
  render(LinkSheet, {
    id: link?.id ?? '',
    onuncomment: () => {},
    onwaiting: () => {},
    onphotos: () => {},
    onclose: () => {},
  });
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
  render(LinkSheet, {
    id: link?.id ?? '',
    onuncomment: () => {},
    onwaiting: () => {},
    onphotos: () => {},
    onclose: () => {},
  });
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
  render(LinkSheet, {
    id: link?.id ?? '',
    onuncomment: () => {},
    onwaiting: () => {},
    onphotos: () => {},
    onclose: () => {},
  });
  expect(screen.getByText(/More than 100 wrong passwords/)).toBeVisible();
  told[0].action?.run();
  await vi.waitFor(() =>
    expect(links.list.find(({ id }) => id === link?.id)?.state).toBe('paused'),
  );
});

it('says what waits and what was added, and lets visitors add photos no more', async () => {
  const user = userEvent.setup();
  const link = links.list.find(({ upload }) => upload === 'add');
  const onwaiting = vi.fn();
  render(LinkSheet, {
    id: link?.id ?? '',
    onuncomment: () => {},
    onwaiting,
    onphotos: () => {},
    onclose: () => {},
  });
  expect(screen.getByText('16 wait in the inbox')).toBeVisible();
  expect(await screen.findByText(/files added/)).toBeVisible();
  await user.click(screen.getByTestId('link-inbox'));
  expect(onwaiting).toHaveBeenCalled();
  await user.click(screen.getByTestId('share-uploads'));
  expect(sample.asked.findLast(({ name }) => name === 'link.edit')?.payload).toEqual({
    id: link?.id,
    upload: 'none',
  });
});

it('counts what visitors did by day, as one wishes, and has all of it as a table', async () => {
  const user = userEvent.setup();
  const link = links.list.find(({ upload }) => upload === 'add');
  render(LinkSheet, {
    id: link?.id ?? '',
    onuncomment: () => {},
    onwaiting: () => {},
    onphotos: () => {},
    onclose: () => {},
  });
  const days = within(await screen.findByTestId('link-days'));
  const status = days.getByRole('status');
  expect(status).toHaveTextContent('31 in 30 days, at most 9 on a day');
  await user.click(days.getByLabelText('Seen'));
  expect(status).toHaveTextContent('434 in 30 days, at most 126 on a day');
  await user.click(days.getByLabelText('Downloaded'));
  expect(status).toHaveTextContent('13 in 30 days, at most 4 on a day');
  const [head, ...rows] = days.getAllByRole('row');
  expect(head).toHaveTextContent(/Day\s*Opened\s*Seen\s*Downloaded\s*Added/);
  const sums = rows.map((row) =>
    within(row)
      .getAllByRole('cell')
      .map((cell) => Number(cell.textContent)),
  );
  expect(sums.map(([visits]) => visits)).toEqual([4, 3, 7, 2, 9, 5, 1]);
  expect(sums[4]).toEqual([9, 126, 4, 1]);
});

it('shows the last visits, and all of them where one says', async () => {
  const user = userEvent.setup();
  const link = links.list.find(({ visits }) => visits > 0);
  render(LinkSheet, {
    id: link?.id ?? '',
    onuncomment: () => {},
    onwaiting: () => {},
    onphotos: () => {},
    onclose: () => {},
  });
  const visits = within(await screen.findByTestId('link-visits'));
  expect(visits.getAllByRole('listitem')).toHaveLength(6);
  expect(visits.getByText(/18 photos, 1 downloaded, 6 added/)).toBeVisible();
  const all = screen.getByTestId('link-visits-all');
  expect(all).toHaveTextContent('Show all 31 visits');
  await user.click(all);
  expect(visits.getAllByRole('listitem')).toHaveLength(31);
  expect(all).toHaveAttribute('aria-expanded', 'true');
});

it('shows the first photos that tell something, what they tell, and how many more do', async () => {
  const user = userEvent.setup();
  const album = [...sample.library.albums.keys()][0];
  const { id } = await links.create({ album, show_metadata: true });
  render(LinkSheet, {
    id,
    onuncomment: () => {},
    onwaiting: () => {},
    onphotos: () => {},
    onclose: () => {},
  });
  await user.click(screen.getByTestId('link-check'));
  const telling = within(await screen.findByTestId('link-telling'));
  const rows = telling.getAllByRole('listitem');
  expect(rows).toHaveLength(4);
  expect(rows[0]).toHaveTextContent('where it was taken, the camera, when it was taken');
  expect(rows[1]).toHaveTextContent('the camera, the file name, when it was taken');
  expect(telling.getByText('and 8 more')).toBeVisible();
});

it('reads the files anew when the link shows other photos', async () => {
  const [id] = sample.library.assets.keys();
  const link = await links.create({ assets: [id], show_metadata: false });
  render(LinkSheet, {
    id: link.id,
    onuncomment: () => {},
    onwaiting: () => {},
    onphotos: () => {},
    onclose: () => {},
  });
  expect(await screen.findByText(/^3 files and/)).toBeVisible();
  const checks = () => sample.asked.filter(({ name }) => name === 'link.check').length;
  expect(checks()).toBe(1);
  await links.edit({ id: link.id, label: 'Jonas' });
  expect(checks()).toBe(1);
  await links.add(link.id, [[...sample.library.assets.keys()][1]]);
  expect(await screen.findByText(/^6 files and/)).toBeVisible();
  expect(checks()).toBe(2);
});
