import { cleanup, render, screen, waitFor } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Link } from '../bindings/Link';
import { use } from '../host';
import { sampleHost, type SampleHost } from '../sample/host';
import { toasts } from '../shared/toasts.svelte';
import { undoLast } from '../shared/undo';
import { Grid } from '../timeline/grid.svelte';
import Verbs from '../viewer/Verbs.svelte';
import { sheets } from '../views/sheets.svelte';
import { photoMenu } from '../views/verbs';
import AddToLink from './AddToLink.svelte';
import { addToLink, takeOut } from './chosen';
import { links } from './links.svelte';
import LinkSheet from './LinkSheet.svelte';
import LinksOf from './LinksOf.svelte';

let sample: SampleHost;
let link: Link;
let end: () => void;
const user = userEvent.setup();
const onphotos = vi.fn();

beforeEach(async () => {
  sample = await sampleHost(new URLSearchParams('sample=full&chosen=on'));
  use(sample);
  toasts.list = [];
  sheets.close();
  end = links.start();
  await links.load();
  [link] = links.selections;
});
afterEach(() => {
  cleanup();
  end();
});

const held = () => sample.library.links.get(link.id)?.assets ?? [];
const sheet = () =>
  render(LinkSheet, {
    id: link.id,
    onuncomment: () => {},
    onwaiting: () => {},
    onphotos,
    onclose: () => {},
  });

it('photos are added to a link, and undo takes out only those that were', async () => {
  const before = [...held()];
  const fresh = [...sample.library.assets.keys()].filter((id) => !before.includes(id)).slice(0, 2);
  await addToLink(link, [before[3], ...fresh]);
  expect(held()).toEqual([...before, ...fresh]);
  expect(toasts.list.at(-1)?.text).toBe('2 photos added to the link for Ayşe');
  toasts.list.at(-1)?.action?.run();
  await vi.waitFor(() => expect(held()).toEqual(before));
});

it('what a link shows already is not added again', async () => {
  await addToLink(link, [held()[0]]);
  expect(toasts.list.at(-1)).toMatchObject({ text: 'The link shows it already' });
  expect(toasts.list.at(-1)?.action).toBeUndefined();
});

it('what is out of the link already offers nothing to undo', async () => {
  const [gone] = held();
  expect(await takeOut(link.id, [gone])).toBe(true);
  const said = toasts.list.length;
  expect(await takeOut(link.id, [gone])).toBe(true);
  expect(toasts.list).toHaveLength(said);
});

it('what the node refuses is said in its words', async () => {
  sample.refuse('link.remove', 'This link was revoked.');
  expect(await takeOut(link.id, [held()[0]])).toBe(false);
  expect(toasts.list.at(-1)).toMatchObject({ text: 'This link was revoked.', look: 'bad' });
});

it('the menu of photos leads to the open links of chosen photos, where there are any', async () => {
  const grid = new Grid({ kind: 'all' });
  await grid.load();
  const [id] = await grid.ids(0, 1);
  grid.selection.only(id);
  const verb = () =>
    photoMenu(grid).find((item) => item !== 'line' && item.text === 'Add to a link…');
  const found = verb();
  if (found === undefined || found === 'line') throw new Error('there is a link to add to');
  found.run();
  await vi.waitFor(() => expect(sheets.open).toEqual({ kind: 'add to link', assets: [id] }));
  await links.revoke(link.id);
  expect(verb()).toBeUndefined();
});

it('links that follow an album, and those that ended, are not offered', async () => {
  const onchosen = vi.fn();
  expect(links.list.length).toBeGreaterThan(1);
  render(AddToLink, { many: 3, offered: links.selections, onchosen, onclose: () => {} });
  expect(screen.getByRole('heading')).toHaveTextContent('Add 3 photos to a link');
  const rows = screen.getAllByTestId('pick-link');
  expect(rows.map((row) => row.textContent?.trim())).toEqual([
    expect.stringMatching(/For Ayşe\s*11 photos · no end/),
  ]);
  await user.click(rows[0]);
  expect(onchosen).toHaveBeenCalledWith(link);
});

it('the sheet of a link takes photos out, goes on with the next, and puts them back', async () => {
  const before = [...held()];
  sheet();
  expect(await screen.findByText('Show all 11 photos')).toBeVisible();
  await user.click(screen.getByRole('button', { name: 'Take out photo 2' }));
  await waitFor(() => expect(held()).toEqual(before.toSpliced(1, 1)));
  expect(await screen.findByText('Show all 10 photos')).toBeVisible();
  expect(screen.getByRole('button', { name: 'Take out photo 2' })).toHaveFocus();
  expect(toasts.list.at(-1)?.text).toBe('1 photo taken out of the link');
  toasts.list.at(-1)?.action?.run();
  await waitFor(() => expect(held()).toEqual(before));
  await user.click(await screen.findByText('Show all 11 photos'));
  expect(onphotos).toHaveBeenCalledWith(link.id);
});

it('the sheet of a link that follows an album has no photos to take out', async () => {
  const other = links.list.find(({ kind, state }) => kind === 'album' && state === 'open');
  link = other ?? link;
  sheet();
  expect(await screen.findByTestId('link-done')).toBeVisible();
  expect(screen.queryByTestId('link-photos')).toBeNull();
});

it('all photos of a link are a place, from which they are taken out by the menu', async () => {
  const before = [...held()];
  const grid = new Grid({ kind: 'link', link: link.id });
  await grid.load();
  const close = grid.show();
  expect(await grid.ids()).toHaveLength(11);
  const [first, second] = await grid.ids(0, 2);
  grid.selection.replace([first, second]);
  const verb = photoMenu(grid).find((item) => item !== 'line' && item.icon === 'minus');
  if (verb === undefined || verb === 'line') throw new Error('photos can be taken out here');
  grid.settle();
  verb.run();
  await waitFor(() => expect(held()).not.toContain(first));
  expect(held()).not.toContain(second);
  await waitFor(() => expect(grid.count).toBe(9));
  await undoLast();
  expect(held()).toEqual(before);
  close();
});

it('a photo is taken out of a link where the links are that show it', async () => {
  const [asset] = held();
  render(LinksOf, { asset, onchosen: () => {}, onclose: () => {} });
  const outs = await screen.findAllByTestId('link-take-out');
  expect(outs).toHaveLength(1);
  await user.click(outs[0]);
  await waitFor(() => expect(held()).not.toContain(asset));
  expect(screen.queryByTestId('link-take-out')).toBeNull();
});

it('the viewer adds what is open to a link, unless it is on another machine or locked', async () => {
  const none = () => {};
  const onlink = vi.fn();
  const of = {
    still: true,
    zoomed: false,
    favourite: false,
    informed: false,
    sliding: false,
    menu: false,
    onstep: none,
    onflip: none,
    onturn: none,
    onslides: none,
    onfull: none,
    oninfo: none,
    onfavourite: none,
    onshare: none,
    onshelve: none,
    onremove: none,
    onsave: none,
  };
  const { rerender } = render(Verbs, { ...of, shelf: 'timeline', onlink });
  await user.click(screen.getByTestId('add-to-link'));
  expect(onlink).toHaveBeenCalledOnce();
  for (const shelf of ['locked', 'away', 'others', 'trash'] as const) {
    await rerender({ shelf });
    expect(screen.queryByTestId('add-to-link')).toBeNull();
  }
  await rerender({ shelf: 'archive', onlink: undefined });
  expect(screen.queryByTestId('add-to-link')).toBeNull();
});
