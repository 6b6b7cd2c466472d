import { cleanup, render, screen, within } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { use } from '../host';
import { inbox } from '../inbox/inbox.svelte';
import { links } from '../link/links.svelte';
import { sampleHost, type SampleHost } from '../sample/host';
import { toasts } from '../shared/toasts.svelte';
import InboxView from './InboxView.svelte';
import { sheets } from './sheets.svelte';
import { undoLast } from '../shared/undo';

let sample: SampleHost;
let ends: (() => void)[] = [];
const user = userEvent.setup();

async function open(wishes: string) {
  toasts.list = [];
  sample = await sampleHost(new URLSearchParams(wishes));
  use(sample);
  ends = [inbox.start(), links.start()];
  await Promise.all([inbox.load(), links.load()]);
  render(InboxView);
}
afterEach(() => {
  cleanup();
  ends.forEach((end) => end());
  sheets.close();
  sheets.menu = null;
});

const tiles = () => screen.queryAllByTestId('upload');
const groups = () => screen.getAllByTestId('inbox-group');
const asked = (name: string) => sample.asked.filter((one) => one.name === name);
const said = () => toasts.list.at(-1)?.text;
const albumOfLink = () => {
  const link = links.list.find(({ upload }) => upload === 'add');
  return sample.library.albums.get(link?.album ?? '')?.assets ?? [];
};

describe('a full inbox', () => {
  beforeEach(() => open('sample=full'));

  it('says what came through which link, from whom, and how much it is', () => {
    const [anna, nobody] = groups();
    expect(within(anna).getByRole('heading')).toHaveTextContent(
      'A week in the Dolomites with everyone · from Anna',
    );
    expect(anna).toHaveTextContent(/11 photos, 1 video, [\d.]+ MB · For Everyone on the tour/);
    expect(within(nobody).getByRole('heading')).toHaveTextContent('from a visitor');
  });

  it('marks what is here already, looks alike, cannot be shown, or lacks a place', () => {
    const names = tiles().map((tile) => tile.getAttribute('aria-label'));
    expect(names[1]).toMatch(/Looks like one you have$/);
    expect(names[2]).toMatch(/No place$/);
    expect(names[3]).toMatch(/^Video, 0:14/);
    expect(names[4]).toMatch(/In your library$/);
    expect(names[6]).toMatch(/No preview$/);
    expect(names[15]).toMatch(/Being looked at$/);
  });

  it('A accepts the one with the keys, and goes on to what takes its place', async () => {
    const [first, second] = inbox.uploads;
    const before = albumOfLink().length;
    tiles()[0].focus();
    await user.keyboard('a');
    await vi.waitFor(() => expect(tiles()).toHaveLength(15));
    expect(asked('inbox.accept')[0].payload).toEqual({ ids: [first.id], fill: false });
    expect(said()).toBe('1 added to your library');
    await vi.waitFor(() => expect(tiles()[0]).toHaveFocus());
    expect(tiles()[0].dataset.asset).toBe(second.id);
    expect(albumOfLink()).toHaveLength(before + 1);
    const { asset } = sample.library.assets.get(albumOfLink().at(-1) ?? '') ?? {};
    expect(asset?.contributor).toBe('Anna');
    await undoLast();
    await vi.waitFor(() => expect(tiles()).toHaveLength(16));
    expect(albumOfLink()).toHaveLength(before);
  });

  it('R rejects a range chosen with Shift, and it can be undone', async () => {
    const ids = inbox.uploads.slice(1, 4).map(({ id }) => id);
    await user.click(tiles()[1]);
    await user.keyboard('{Shift>}');
    await user.click(tiles()[3]);
    await user.keyboard('{/Shift}');
    expect(screen.getByText('3 selected')).toBeVisible();
    await user.keyboard('r');
    await vi.waitFor(() => expect(tiles()).toHaveLength(13));
    expect(asked('inbox.reject')[0].payload).toEqual({ ids });
    expect(said()).toBe('2 photos, 1 video rejected');
    await undoLast();
    await vi.waitFor(() => expect(tiles()).toHaveLength(16));
  });

  it('takes the places and times that are offered only where that is chosen', async () => {
    const [anna] = groups();
    expect(anna).toHaveTextContent(
      '3 lack one. Cortina d’Ampezzo, Italy, as photos taken around then; a date for 1',
    );
    await user.click(within(anna).getByTestId('fill'));
    await user.click(within(anna).getByTestId('accept-all'));
    await vi.waitFor(() => expect(groups()).toHaveLength(1));
    expect(asked('inbox.accept')).toHaveLength(1);
    expect(asked('inbox.accept')[0].payload).toMatchObject({ fill: true });
    expect(said()).toBe('11 added to your library, 1 in it already');
    const places = albumOfLink()
      .map((id) => sample.library.assets.get(id)?.asset)
      .filter((asset) => asset?.contributor === 'Anna' && asset.place !== null);
    expect(places).toHaveLength(3);
  });

  it('is one undo where no group differs in what is taken', async () => {
    tiles()[0].focus();
    await user.keyboard('{Control>}a{/Control}');
    await user.click(within(groups()[0]).getByTestId('fill'));
    await user.keyboard('a');
    expect(await screen.findByText('Nothing waits')).toBeVisible();
    expect(asked('inbox.accept').map(({ payload }) => payload)).toMatchObject([{ fill: true }]);
    await undoLast();
    await vi.waitFor(() => expect(tiles()).toHaveLength(16));
  });

  it('tells why something could not be accepted', async () => {
    sample.refuse('inbox.accept', 'The disk is full; make room and try again.');
    tiles()[0].focus();
    await user.keyboard('a');
    await vi.waitFor(() => expect(said()).toBe('The disk is full; make room and try again.'));
    expect(tiles()).toHaveLength(16);
  });

  it('shows one large, beside its look-alike, and goes on after each answer', async () => {
    tiles()[1].focus();
    await user.keyboard('{Enter}');
    const view = await screen.findByTestId('upload-view');
    expect(view).toHaveAccessibleName('2 of 16, from Anna');
    // The keys stay among its own buttons.
    await user.tab({ shift: true });
    expect(view).toContainElement(document.activeElement as HTMLElement);
    await user.keyboard('c');
    const both = await screen.findByTestId('compared');
    expect(await within(both).findByText(/^1600 × \d+$/)).toHaveClass('differs');
    await user.keyboard('{Escape}');
    expect(screen.queryByTestId('compared')).toBeNull();
    const third = inbox.uploads[2].id;
    await user.keyboard('r');
    await vi.waitFor(() => expect(inbox.uploads[1].id).toBe(third));
    expect(view).toHaveAccessibleName('2 of 15, from Anna');
    await user.keyboard('{Escape}');
    await vi.waitFor(() => expect(tiles()[1]).toHaveFocus());
  });

  it('has its verbs in a menu as well', async () => {
    await user.pointer({ target: tiles()[2], keys: '[MouseRight]' });
    const texts = sheets.menu?.items.map((item) => (item === 'line' ? '' : item.text));
    expect(texts).toEqual(['Open', 'Accept', 'Reject']);
  });
});

describe('an empty inbox', () => {
  it('says what belongs here, and leads to a link that fills it', async () => {
    await open('sample=12');
    expect(screen.getByText('Nobody sends you photos yet')).toBeVisible();
    await user.click(screen.getByTestId('invite'));
    expect(sheets.open).toEqual({ kind: 'invite' });
  });

  it('shows the link that lets friends add photos when there is one', async () => {
    await open('sample=full');
    await inbox.reject(inbox.uploads.map(({ id }) => id));
    expect(await screen.findByText('Nothing waits')).toBeVisible();
    await user.click(screen.getByText('Show the link'));
    expect(sheets.open).toMatchObject({ kind: 'link' });
  });
});
