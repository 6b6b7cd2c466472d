import { cleanup, render, screen, within } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import App from '../App.svelte';
import { use } from '../host';
import { partners } from '../partner/partners.svelte';
import { peers } from '../peers/peers.svelte';
import { sampleHost, type SampleHost } from '../sample/host';
import { toasts } from '../shared/toasts.svelte';
import { forgetGrids, gridOf } from '../timeline/grid.svelte';
import { viewing } from '../viewer/viewing.svelte';
import { where, type Place } from './place.svelte';
import { sheets } from './sheets.svelte';
import { areOthers, photoMenu } from './verbs';

let sample: SampleHost;
const user = userEvent.setup();
/** Anna's is seen, Ben's is offered. */
const [annas, bens] = ['person-3', 'person-2'];

async function open(place: Place = { view: 'partners' }, wishes = 'sample=full') {
  forgetGrids();
  toasts.list = [];
  sample = await sampleHost(new URLSearchParams(wishes));
  use(sample);
  where.go(place);
  render(App);
  await screen.findByTestId('nav-partners');
}
const library = (part: 'timeline' | 'albums' | 'map' = 'timeline', wishes?: string) =>
  open({ view: 'partner', id: annas, part }, wishes);
afterEach(() => {
  cleanup();
  viewing.close();
  sheets.close();
  sheets.menu = null;
  peers.people = [];
  partners.offered = [];
  partners.libraries = [];
  partners.loaded = false;
  vi.restoreAllMocks();
  where.go({ view: 'timeline' });
});

const asked = (name: string) => sample.asked.filter((one) => one.name === name);
const payload = (name: string) => asked(name).at(-1)?.payload;
const said = () => toasts.list.at(-1)?.text;
const viewer = async (name: string) => {
  const rows = await screen.findAllByTestId('partner-viewer');
  const found = rows.find((one) => one.getAttribute('aria-label') === name);
  if (!found) throw new Error(`${name} is not among those who see the library`);
  return within(found);
};
const theirs = async () => within(await screen.findByTestId('partner-library'));

describe('a library that is offered', () => {
  it('says what it is and what a yes does, and is seen after one', async () => {
    await open();
    const offer = within(await screen.findByTestId('partner-offer'));
    expect(offer.getByText('All 12,480 photos, with captions, with albums')).toBeVisible();
    expect(offer.getByText(/nothing is copied by itself.*stay those of Ben/)).toBeVisible();
    expect(offer.getByText(/about 1\.1 GB, all originals 51\.2 GB/)).toBeVisible();
    expect(screen.getByTestId('nav-partners')).toHaveAccessibleName(/1 library is offered to you/);
    await user.click(offer.getByTestId('partner-accept'));
    await vi.waitFor(() => expect(screen.queryByTestId('partner-offer')).toBeNull());
    expect(payload('partner.accept')).toEqual({ person: bens });
    expect(screen.getAllByTestId('nav-partner').map((one) => one.textContent)).toContainEqual(
      expect.stringContaining('Ben'),
    );
    expect(screen.getByTestId('nav-partners')).toHaveAccessibleName('Partners');
  });

  it('is declined, or says why that cannot be', async () => {
    await open({ view: 'partner', id: bens, part: 'timeline' });
    sample.refuse('partner.decline', 'Ben has taken it back.');
    await user.click(await screen.findByTestId('partner-decline'));
    await vi.waitFor(() => expect(said()).toBe('Ben has taken it back.'));
    await user.click(screen.getByTestId('partner-decline'));
    expect(await screen.findByText('This library is not shown to you')).toBeVisible();
  });
});

describe('those who see my library', () => {
  it('are told with what they see, where, and who has confirmed its end', async () => {
    await open();
    const anna = await viewer('Anna');
    expect(anna.getByText('All 420 photos, with captions, with albums')).toBeVisible();
    expect(anna.getByText('Seen on Anna’s laptop and Anna’s phone')).toBeVisible();
    const ida = await viewer('Ida');
    expect(ida.getByText(/decided on Attic/)).toBeVisible();
    expect(ida.queryByRole('button')).toBeNull();
    expect((await viewer('Jonas')).getByTestId('receipts')).toHaveTextContent(
      /^2 of 3 machines have confirmed.*Phone has not yet/,
    );
  });

  it('are put away once each machine has confirmed', async () => {
    await open();
    const jonas = await viewer('Jonas');
    expect(jonas.queryByTestId('partner-forget')).toBeNull();
    await sample.call('partner.offer', { person: bens });
    await sample.call('partner.end', { person: bens });
    await user.click(await (await viewer('Ben')).findByTestId('partner-forget'));
    await vi.waitFor(() => expect(payload('partner.forget')).toEqual({ person: bens }));
    await vi.waitFor(() => expect(screen.queryByRole('listitem', { name: 'Ben' })).toBeNull());
  });

  it('are asked by the rules that are chosen', async () => {
    await open();
    await user.click(await screen.findByTestId('partner-show'));
    // The one person who is connected and does not see it yet is chosen.
    expect(await screen.findByTestId('partner-person')).toBeChecked();
    await user.click(screen.getByRole('radio', { name: 'Since a day' }));
    expect(screen.getByTestId('partner-go')).toBeDisabled();
    const since = screen.getByTestId('partner-since');
    await user.type(since, '2024-01-01');
    await user.click(screen.getByTestId('partner-albums'));
    await user.click(screen.getByTestId('partner-go'));
    await vi.waitFor(() => expect(said()).toBe('Ben is asked'));
    expect(payload('partner.offer')).toEqual({
      person: bens,
      since: '2024-01-01',
      captions: true,
      albums: false,
    });
    const ben = await viewer('Ben');
    expect(ben.getByText(/no answer yet/)).toBeVisible();
    await user.click(ben.getByTestId('partner-end'));
    await vi.waitFor(() => expect(payload('partner.end')).toEqual({ person: bens }));
    expect(sheets.open).toBeNull();
  });

  it('are shown more or less; what is refused is told in the sheet', async () => {
    await open();
    await user.click((await viewer('Anna')).getByTestId('partner-rules'));
    sample.refuse('partner.edit', 'There is no such day.');
    await user.click(await screen.findByTestId('partner-captions'));
    await user.click(screen.getByTestId('partner-go'));
    expect(await screen.findByText('There is no such day.')).toHaveAttribute('role', 'alert');
    await user.click(screen.getByTestId('partner-go'));
    await vi.waitFor(() => expect(sheets.open).toBeNull());
    expect(payload('partner.edit')).toEqual({
      person: annas,
      since: '',
      captions: false,
      albums: true,
    });
    expect((await viewer('Anna')).getByText(/without captions/)).toBeVisible();
  });

  it('see it no more only after it was said what cannot be called back', async () => {
    await open();
    await user.click((await viewer('Anna')).getByTestId('partner-end'));
    expect(await screen.findByText(/cannot be called back what Anna saved/)).toBeInTheDocument();
    expect(asked('partner.end')).toEqual([]);
    await user.click(screen.getByTestId('confirm'));
    const receipts = async () => (await viewer('Anna')).getByTestId('receipts');
    await vi.waitFor(async () => expect(await receipts()).toHaveTextContent(/^No machine has/));
  });

  it('can be asked again, by the rules they had', async () => {
    await open();
    await user.click((await viewer('Jonas')).getByTestId('partner-rules'));
    await user.click(await screen.findByTestId('partner-go'));
    await vi.waitFor(() => expect(said()).toBe('Jonas is asked'));
    expect(payload('partner.offer')).toEqual({
      person: 'person-Jonas',
      captions: true,
      albums: true,
    });
  });

  it('are people whose machines are connected, and how to come to that is said', async () => {
    await open(undefined, 'sample=20');
    expect(await screen.findByText('No partners yet')).toBeVisible();
    await user.click(screen.getByTestId('partner-show'));
    await user.click(await screen.findByRole('button', { name: 'Connect a machine' }));
    expect(where.now.view).toBe('machines');
    expect(sheets.open).toBeNull();
  });
});

describe('a library that is seen', () => {
  it('says what keeping takes before, and asks before originals are let go of', async () => {
    await open();
    const anna = await theirs();
    expect(await anna.findByText(/originals 656 MB; 212 GB are free here/)).toBeVisible();
    await user.click(anna.getByRole('radio', { name: 'Originals' }));
    await vi.waitFor(() => expect(payload('partner.keep')).toMatchObject({ what: 'originals' }));
    expect(await anna.findByText(/160 previews and 160 originals kept here/)).toBeVisible();
    await user.click(anna.getByRole('radio', { name: 'Nothing' }));
    expect(await screen.findByText('Delete 160 originals kept here?')).toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: 'Cancel' }));
    await vi.waitFor(() => expect(anna.getByRole('radio', { name: 'Originals' })).toBeChecked());
    expect(asked('partner.keep')).toHaveLength(1);
  });

  it('says where there is no room, and shows a refused choice as it was', async () => {
    await open();
    const anna = await theirs();
    partners.free = 20_000_000;
    expect(await anna.findByText(/do not fit: 20 MB are free/)).toBeVisible();
    sample.refuse('partner.keep', 'There is no room.');
    await user.click(anna.getByRole('radio', { name: 'Originals' }));
    await vi.waitFor(() => expect(said()).toBe('There is no room.'));
    expect(anna.getByRole('radio', { name: 'Previews' })).toBeChecked();
  });

  it('shows in the timeline where that is wished, and is let go of after a question', async () => {
    await open();
    const anna = await theirs();
    const all = gridOf({ kind: 'all' });
    await all.load();
    const before = all.count;
    await user.click(anna.getByTestId('partner-timeline'));
    await vi.waitFor(() =>
      expect(payload('partner.timeline')).toEqual({ person: annas, show: true }),
    );
    all.settle();
    await all.load();
    expect(all.count).toBe(before + 160);
    await user.click(anna.getByTestId('partner-stop'));
    expect(await screen.findByText(/kept of them here \(14\.7 MB\)/)).toBeInTheDocument();
    await user.click(screen.getByTestId('confirm'));
    await vi.waitFor(() => expect(screen.queryByTestId('nav-partner')).toBeNull());
    expect(payload('partner.decline')).toEqual({ person: annas });
  });

  it('a switch that is refused is told, and stands as it was', async () => {
    await open();
    const anna = await theirs();
    sample.refuse('partner.timeline', 'Not now.');
    await user.click(anna.getByTestId('partner-timeline'));
    await vi.waitFor(() => expect(said()).toBe('Not now.'));
    await vi.waitFor(() => expect(anna.getByTestId('partner-timeline')).not.toBeChecked());
  });
});

describe('within a library', () => {
  beforeEach(() => {
    // A document without a layout has no sizes.
    vi.spyOn(Element.prototype, 'clientWidth', 'get').mockReturnValue(800);
    vi.spyOn(Element.prototype, 'clientHeight', 'get').mockReturnValue(600);
  });

  it('its albums are seen, and one of them oldest first', async () => {
    await library('albums');
    const cards = await screen.findAllByTestId('album-card');
    expect(cards).toHaveLength(4);
    await user.click(cards[1]);
    expect(await screen.findByRole('heading', { name: 'Sardinia' })).toBeVisible();
    expect(await screen.findByText(/Two weeks with a van/)).toBeVisible();
    await vi.waitFor(() =>
      expect(payload('timeline')).toMatchObject({ partner: annas, partner_album: 'album-000162' }),
    );
    await user.click(screen.getByRole('button', { name: 'Back to the albums of Anna' }));
    expect(where.now).toEqual({ view: 'partner', id: annas, part: 'albums' });
  });

  it('words and facts are looked for, and leaving leads back to all of it', async () => {
    await library();
    const field = await screen.findByTestId('search-within');
    await user.type(field, 'kiel{Enter}');
    expect(where.now).toMatchObject({ part: 'search', wish: { words: 'kiel' } });
    await screen.findByTestId('chip-type');
    for (const own of ['favourites', 'stars', 'camera'])
      expect(screen.queryByTestId(`chip-${own}`)).toBeNull();
    await user.click(screen.getByTestId('chip-album'));
    const item = (await screen.findByText('Sardinia')).closest<HTMLElement>('[role=menuitem]');
    await user.click(item as HTMLElement);
    await vi.waitFor(() =>
      expect(payload('timeline')).toMatchObject({
        query: 'kiel',
        partner: annas,
        partner_album: 'album-000162',
      }),
    );
    await user.type(screen.getByTestId('search-within'), '{Escape}');
    expect(where.now).toEqual({ view: 'partner', id: annas, part: 'timeline' });
  });

  it('keys lead to the field that looks through everything', async () => {
    await library();
    await screen.findByTestId('search-within');
    await user.keyboard('/');
    expect(screen.getByTestId('search')).toHaveFocus();
  });

  it('the map is of its photos alone', async () => {
    await library('map');
    await vi.waitFor(() =>
      expect(asked('places.map').map(({ payload: of }) => of)).toContainEqual({
        zoom: 2,
        partner: annas,
      }),
    );
  });

  it('photos are copied and looked at, and nothing else', async () => {
    await library();
    const grid = gridOf({ kind: 'partner', partner: annas });
    await grid.load();
    const [id] = await grid.ids(0, 1);
    grid.selection.only(id);
    expect(areOthers(grid)).toBe(true);
    const icons = photoMenu(grid).flatMap((item) => (item === 'line' ? [] : [item.icon]));
    expect(icons).toEqual(['eye', 'receive', 'receive']);
    await user.click(await screen.findByTestId('save-to-library'));
    await vi.waitFor(() => expect(payload('asset.save')).toEqual({ ids: [id] }));
    viewing.open(grid, id);
    await screen.findByTestId('viewer');
    await user.keyboard('i');
    const owner = within(await screen.findByTestId('owner'));
    expect(owner.getByText('Anna’s photo')).toBeVisible();
    expect(owner.getByText(/Only its owner can change it/)).toBeVisible();
    await user.keyboard('.r{Delete}');
    expect([...asked('asset.edit'), ...asked('trash')]).toEqual([]);
  });

  it('it is said when none of their machines is there, and when it is still coming', async () => {
    await library('timeline', 'sample=full&partners=away');
    expect(await screen.findByText(/All previews are kept here/)).toBeVisible();
    cleanup();
    await open();
    await user.click(await screen.findByTestId('partner-accept'));
    await vi.waitFor(() => expect(screen.getAllByTestId('nav-partner')).toHaveLength(2));
    where.go({ view: 'partner', id: bens, part: 'timeline' });
    expect(await screen.findByText('The library of Ben is on its way')).toBeVisible();
  });

  it('its switches are at hand', async () => {
    await library();
    await user.click(await screen.findByTestId('partner-more'));
    await user.click(await screen.findByTestId('partner-stop'));
    expect(await screen.findByText('See the library of Anna no more?')).toBeInTheDocument();
    await vi.waitFor(() => expect(screen.queryByTestId('partner-timeline')).toBeNull());
  });
});
