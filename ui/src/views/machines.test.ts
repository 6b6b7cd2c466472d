import { cleanup, render, screen, within } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import App from '../App.svelte';
import { use } from '../host';
import { peers } from '../peers/peers.svelte';
import { looking, RemotePhotos } from '../peers/remote.svelte';
import { sampleHost, type SampleHost } from '../sample/host';
import { toasts } from '../shared/toasts.svelte';
import { forgetGrids } from '../timeline/grid.svelte';
import { where, type Place } from './place.svelte';
import { sheets } from './sheets.svelte';

vi.mock('../map/leaf', () => ({ leaf: () => new Promise(() => {}) }));

let sample: SampleHost;
const user = userEvent.setup();

async function open(wishes = '', place: Place = { view: 'machines' }) {
  forgetGrids();
  toasts.list = [];
  sample = await sampleHost(new URLSearchParams(wishes));
  use(sample);
  where.go(place);
  render(App);
  await screen.findByTestId('nav-machines');
}
beforeEach(() => {
  // A document without a layout has no sizes.
  vi.spyOn(Element.prototype, 'clientWidth', 'get').mockReturnValue(800);
  vi.spyOn(Element.prototype, 'clientHeight', 'get').mockReturnValue(600);
});
afterEach(() => {
  cleanup();
  looking.photos = null;
  looking.id = null;
  peers.people = [];
  sheets.close();
  sheets.menu = null;
  vi.restoreAllMocks();
  where.go({ view: 'timeline' });
});

const asked = (name: string) => sample.asked.filter((one) => one.name === name);
const said = () => toasts.list.at(-1)?.text;
const row = async (name: string) => within(await screen.findByRole('listitem', { name }));

/** A verb of the menu that is open. */
async function choose(words: string) {
  const item = await vi.waitFor(() => {
    const found = screen.getAllByText(words, { selector: '[role=menuitem] *' });
    return found[0].closest<HTMLElement>('[role=menuitem]');
  });
  if (!item) throw new Error(`${words} is no verb of a menu`);
  await user.click(item);
}

describe('the machines', () => {
  it('says of each whether it is there, what is kept of it, and what waits', async () => {
    await open();
    const attic = await row('Attic');
    expect(attic.getByText('On this network')).toBeVisible();
    expect(
      attic.getByText(/1,240 photos known, 1,240 previews and 310 originals kept here/),
    ).toBeVisible();
    expect(attic.getByRole('radio', { name: 'Originals' })).toBeChecked();
    const travel = await row('Travel laptop');
    expect(travel.getByText('Last seen 2 hours ago')).toBeVisible();
    expect(travel.getByText('1 change was refused, 2 changes wait for it')).toBeVisible();
    const ben = await row('Ben’s laptop');
    expect(ben.getByText('Last seen yesterday')).toBeVisible();
    expect(ben.getByText('Nothing of it is shared with you')).toBeVisible();
    expect(ben.queryByRole('radio')).toBeNull();
  });

  it('asks before originals that are kept are let go of, and keeps them if that was not meant', async () => {
    await open();
    const attic = await row('Attic');
    await user.click(attic.getByRole('radio', { name: 'Previews' }));
    expect(await screen.findByText('Delete 310 originals kept here?')).toBeInTheDocument();
    await user.click(screen.getByRole('button', { name: 'Cancel' }));
    await vi.waitFor(() => expect(attic.getByRole('radio', { name: 'Originals' })).toBeChecked());
    expect(asked('peer.keep')).toEqual([]);
    await user.click(attic.getByRole('radio', { name: 'Previews' }));
    await user.click(await screen.findByTestId('confirm'));
    await vi.waitFor(() => expect(attic.getByText(/1,240 previews kept here/)).toBeVisible());
    expect(attic.getByRole('radio', { name: 'Previews' })).toBeChecked();
  });

  it('a choice that is refused is told, and shown as it was', async () => {
    await open();
    const travel = await row('Travel laptop');
    sample.refuse('peer.keep', 'There is no room for 2 GB. Make some and try again.');
    await user.click(travel.getByRole('radio', { name: 'Originals' }));
    await vi.waitFor(() => expect(said()).toMatch(/no room for 2 GB/));
    expect(travel.getByRole('radio', { name: 'Previews' })).toBeChecked();
  });

  it('takes an address, and says what is wrong with one', async () => {
    await open();
    await user.click((await row('Travel laptop')).getByTestId('machine-more'));
    await choose('Add an address…');
    const field = await screen.findByTestId('machine-address');
    await user.type(field, 'attic.example{Enter}');
    expect(await screen.findByText(/is no address and port/)).toHaveAttribute('role', 'alert');
    await user.clear(field);
    await user.type(field, '10.0.0.7:4919{Enter}');
    await vi.waitFor(() => expect(sheets.open).toBeNull());
    expect(sample.peers.find('machine-2').typed).toBe('10.0.0.7:4919');
  });

  it('says what goes with a machine before it is removed', async () => {
    await open();
    await user.click((await row('Attic')).getByTestId('machine-more'));
    await choose('Remove…');
    const text = await screen.findByText(
      /copies of them that are kept here \(1\.5 GB\) are deleted/,
    );
    expect(text).toHaveTextContent('cannot be called back');
    await user.click(screen.getByTestId('confirm'));
    await vi.waitFor(() => expect(said()).toBe('Removed: Attic'));
    await vi.waitFor(() => expect(screen.queryByRole('listitem', { name: 'Attic' })).toBeNull());
  });

  it('removes a person with all of theirs', async () => {
    await open();
    await user.click(await screen.findByRole('button', { name: 'Remove Ben…' }));
    await user.click(await screen.findByTestId('confirm'));
    await vi.waitFor(() => expect(asked('peer.remove')[0]?.payload).toEqual({ id: 'person-2' }));
    await vi.waitFor(() => expect(screen.queryByText('Ben')).toBeNull());
  });

  it('an empty place says what belongs there, and asks for the names that are missing', async () => {
    await open('sample=20&name=');
    expect(await screen.findByText('No other machine yet')).toBeVisible();
    await user.type(await screen.findByTestId('peer-person'), 'Mira{Enter}');
    await vi.waitFor(() => expect(asked('init')[0]?.payload).toEqual({ person: 'Mira' }));
    await vi.waitFor(() => expect(screen.queryByTestId('peer-person')).toBeNull());
  });

  it('what waits and what was refused is listed with reasons, and taken back', async () => {
    await open();
    await user.click((await row('Travel laptop')).getByTestId('machine-outbox'));
    const [refused, waits] = await screen.findAllByTestId('request-row');
    expect(refused).toHaveTextContent(/Move IMG_5120\.jpg.*was deleted there before/);
    await user.click(within(waits).getByRole('button', { name: 'Withdraw' }));
    await vi.waitFor(() => expect(screen.getAllByTestId('request-row')).toHaveLength(2));
    expect(sample.peers.find('machine-2').waiting).toBe(1);
  });
});

describe('connecting', () => {
  it('invites a machine of mine, compares the words, and waits for the other side', async () => {
    await open();
    await user.click(await screen.findByTestId('connect'));
    await user.click(await screen.findByTestId('connect-mine'));
    expect(await screen.findByTestId('connect-code')).toHaveTextContent('482-1930-7712');
    expect(asked('peer.invite')[0].payload).toEqual({ own: true, code: true });
    await user.click(screen.getByRole('button', { name: 'Copy the invitation' }));
    expect(sample.copied[0]).toMatch(/^albumen:\/\/pair\//);
    const { id } = sample.peers.knock({ machine: 'Pad', person: 'Mira', is_own: true });
    const words = await screen.findByTestId('pairing-words');
    expect(words).toHaveTextContent(/harbour.*velvet.*walnut.*comet/);
    await vi.waitFor(() => expect(screen.queryByTestId('connect-code')).toBeNull());
    expect(screen.getByText(/Say yes only for a machine of yours/)).toBeInTheDocument();
    await user.click(screen.getByTestId('pairing-yes'));
    expect(await screen.findByText('Waiting for the answer there')).toBeInTheDocument();
    sample.peers.answer(id, true);
    await user.click(await screen.findByTestId('pairing-show'));
    expect(await row('Pad')).toBeTruthy();
    expect(screen.queryByTestId('pairing')).toBeNull();
  });

  it('a pairing that another machine began asks over whatever is there, and no key answers it', async () => {
    await open('', { view: 'timeline' });
    sheets.open = { kind: 'keys' };
    await screen.findByRole('dialog');
    sample.peers.knock();
    expect(await screen.findByText('Do both screens show these words?')).toBeInTheDocument();
    await vi.waitFor(() =>
      expect(screen.getByTestId('pairing').closest('[role=dialog]')).toHaveFocus(),
    );
    await user.keyboard('{Enter}');
    await user.keyboard(' ');
    expect(asked('peer.confirm')).toEqual([]);
    expect(asked('peer.decline')).toEqual([]);
    await user.click(screen.getByTestId('pairing-no'));
    await vi.waitFor(() => expect(asked('peer.decline')).toHaveLength(1));
    await vi.waitFor(() => expect(screen.queryByTestId('pairing')).toBeNull());
  });

  it('a question that is put aside waits among the machines', async () => {
    await open();
    sample.peers.knock();
    await screen.findByTestId('pairing');
    await user.keyboard('{Escape}');
    await vi.waitFor(() => expect(screen.queryByTestId('pairing')).toBeNull());
    expect(asked('peer.decline')).toEqual([]);
    await user.click(await screen.findByRole('button', { name: 'Answer' }));
    expect(await screen.findByTestId('pairing-words')).toBeInTheDocument();
  });

  it('what lies over the window gives way to the machines', async () => {
    await open('', { view: 'machine', id: 'machine-1' });
    looking.photos = new RemotePhotos('machine-1');
    await looking.photos.load();
    looking.id = looking.photos.list[0].asset.id;
    const { id } = sample.peers.knock();
    await user.click(await screen.findByTestId('pairing-yes'));
    sample.peers.answer(id, true);
    await user.click(await screen.findByTestId('pairing-show'));
    expect(await row('Anna’s phone')).toBeTruthy();
    expect(looking.id).toBeNull();
  });

  it('says why a pairing failed', async () => {
    await open();
    const { id } = sample.peers.knock();
    await user.click(await screen.findByTestId('pairing-yes'));
    sample.peers.answer(id, false);
    expect(await screen.findByText(/says that its words are others/)).toBeInTheDocument();
    await user.click(screen.getByTestId('pairing-again'));
    expect(await screen.findByTestId('connect-mine')).toBeInTheDocument();
  });

  it('what ended before the window opened is not told', async () => {
    await open();
    sample.peers.knock({ state: 'failed', reason: 'Too late.' });
    await peers.load();
    expect(peers.pairings).toHaveLength(1);
    expect(screen.queryByTestId('pairing')).toBeNull();
  });

  it('answers a code, and says what is wrong with what is none', async () => {
    await open();
    await user.click(await screen.findByTestId('connect'));
    await user.click(await screen.findByTestId('connect-have'));
    const field = await screen.findByTestId('connect-invitation');
    await user.type(field, '12-34{Enter}');
    expect(await screen.findByText(/A code has eleven digits/)).toHaveAttribute('role', 'alert');
    await user.clear(field);
    await user.type(field, '482-1930-7712{Enter}');
    expect(await screen.findByTestId('pairing-words')).toBeInTheDocument();
    expect(asked('peer.join').at(-1)?.payload).toEqual({ invitation: '482-1930-7712' });
  });

  it('an invitation from outside is filled in, and joined only on a press', async () => {
    await open('', { view: 'timeline' });
    const address = 'albumen://pair/albumen1q9x7fw3k2m8vd0c';
    sample.outside.ask([{ kind: 'visit', address }]);
    expect(await screen.findByTestId('connect-invitation')).toHaveValue(address);
    expect(asked('peer.join')).toEqual([]);
    await user.click(screen.getByTestId('connect-join'));
    await vi.waitFor(() => expect(asked('peer.join')[0]?.payload).toEqual({ invitation: address }));
  });

  it('an invitation that is open can be seen again, and withdrawn', async () => {
    await open();
    await user.click(await screen.findByTestId('connect'));
    await user.click(await screen.findByTestId('connect-theirs'));
    await screen.findByTestId('connect-code');
    await user.click(screen.getAllByRole('button', { name: 'Close' })[0]);
    await user.click(await screen.findByRole('button', { name: 'Show' }));
    await user.click(await screen.findByTestId('connect-withdraw'));
    await vi.waitFor(() => expect(sample.peers.invite).toBeNull());
    await vi.waitFor(() => expect(screen.queryByText(/An invitation is open/)).toBeNull());
  });

  it('a machine of one’s own can be connected before there is any photo', async () => {
    forgetGrids();
    sample = await sampleHost(new URLSearchParams('sample=empty&name=Mira'));
    use(sample);
    render(App);
    await user.click(await screen.findByTestId('first-run-connect'));
    await user.click(await screen.findByTestId('connect-have'));
    await user.type(await screen.findByTestId('connect-invitation'), '482-1930-7712{Enter}');
    await user.click(await screen.findByTestId('pairing-yes'));
    sample.peers.answer(sample.peers.pairings[0].id, true);
    await user.click(await screen.findByTestId('pairing-show'));
    expect(await row('Attic')).toBeTruthy();
  });
});

describe('its photos', () => {
  async function viewer(machine: string, nth: number) {
    await open('', { view: 'machine', id: machine });
    await user.click((await screen.findAllByTestId('remote-tile'))[nth]);
    await screen.findByTestId('remote-viewer');
  }

  it('are shown with what waits and where the original is', async () => {
    await open('', { view: 'machine', id: 'machine-2' });
    const tiles = await screen.findAllByTestId('remote-tile');
    expect(tiles[0]).toHaveAccessibleName(/^Photo, Friday.*20.*2026/);
    expect(tiles[1]).toHaveAccessibleName(/favourite, a change waits$/);
    cleanup();
    await open('', { view: 'machine', id: 'machine-1' });
    expect((await screen.findAllByTestId('remote-tile'))[0]).toHaveAccessibleName(
      /original kept here$/,
    );
  });

  it('arrows lead among them, and back from the viewer to where one was', async () => {
    await viewer('machine-1', 0);
    await user.keyboard('{ArrowRight}');
    const id = looking.id;
    await user.keyboard('{Escape}');
    expect(screen.queryByTestId('remote-viewer')).toBeNull();
    await vi.waitFor(() => expect(document.activeElement).toHaveAttribute('data-asset', id));
    await user.keyboard('{ArrowLeft}');
    expect(document.activeElement).toBe(screen.getAllByTestId('remote-tile')[0]);
  });

  it('a favourite is asked of the machine; of one that is away, it waits', async () => {
    await viewer('machine-2', 0);
    await user.keyboard('.');
    await vi.waitFor(() => expect(said()).toBe('It is done as soon as Travel laptop is there'));
    expect(await screen.findByText('A change waits for Travel laptop')).toBeVisible();
    expect(screen.getByRole('button', { name: /^Favourite/ })).toHaveAttribute(
      'aria-pressed',
      'true',
    );
  });

  it('a photo moved to its trash gives way to the next, and comes back', async () => {
    await viewer('machine-1', 0);
    const gone = looking.id;
    await user.keyboard('{Delete}');
    await vi.waitFor(() => expect(said()).toBe('1 photo moved to the trash of Attic'));
    await vi.waitFor(() => expect(looking.id).not.toBe(gone));
    await user.click(await screen.findByRole('button', { name: 'Undo' }));
    await vi.waitFor(() =>
      expect(asked('peer.trash').at(-1)?.payload).toEqual({
        machine: 'machine-1',
        assets: [gone],
        restore: true,
      }),
    );
    await vi.waitFor(() => expect(looking.photos?.placeOf(gone ?? '')).toBe(0));
  });

  it('a refused change says why', async () => {
    await viewer('machine-1', 0);
    sample.refuse('peer.edit', 'Attic keeps no such photo any more.');
    await user.keyboard('.');
    await vi.waitFor(() => expect(said()).toBe('Attic keeps no such photo any more.'));
  });

  it('a copy is saved where the user says, or why not is said', async () => {
    await viewer('machine-1', 0);
    await user.click(screen.getByTestId('remote-save'));
    await vi.waitFor(() => expect(said()).toBe('Saved as IMG_5400.jpg'));
    expect(asked('peer.write')[0].payload).toMatchObject({
      rendition: 'original',
      to: '/home/mira/IMG_5400.jpg',
    });
    cleanup();
    await viewer('machine-2', 0);
    await user.click(screen.getByTestId('remote-save'));
    await vi.waitFor(() => expect(said()).toMatch(/Try again when it is/));
  });

  it('what is known of one is edited where it always is; of a machine that is away, it waits', async () => {
    await viewer('machine-2', 0);
    await user.keyboard('i');
    const title = await screen.findByRole('textbox', { name: 'Title' });
    await user.type(title, 'By the lake{Enter}');
    await vi.waitFor(() => expect(said()).toBe('It is done as soon as Travel laptop is there'));
    const asset = looking.id;
    expect(asked('peer.edit').at(-1)?.payload).toEqual({
      machine: 'machine-2',
      assets: [asset],
      title: 'By the lake',
    });
    expect(await screen.findByText('A change waits for Travel laptop')).toBeVisible();
    const description = screen.getByRole('textbox', { name: 'Description' });
    await user.type(description, 'Three days');
    await user.keyboard('{Control>}{Enter}{/Control}');
    await user.click(screen.getByRole('button', { name: '4 stars' }));
    await vi.waitFor(() =>
      expect(looking.photos?.list[0].asset).toMatchObject({
        title: 'By the lake',
        description: 'Three days',
        rating: 4,
      }),
    );
    expect(asked('asset.edit')).toEqual([]);
    expect(asked('comment.list')).toEqual([]);
  });

  it('is archived and turned on its machine', async () => {
    await viewer('machine-1', 0);
    await user.click(screen.getByTestId('remote-more'));
    await choose('Archive');
    await vi.waitFor(() => expect(said()).toBe('1 photo archived'));
    await user.click(screen.getByTestId('remote-more'));
    await choose('Back to the timeline');
    await vi.waitFor(() => expect(said()).toBe('1 photo back in the timeline'));
    expect(asked('peer.archive').map(({ payload }) => payload)).toMatchObject([
      { machine: 'machine-1', restore: false },
      { machine: 'machine-1', restore: true },
    ]);
    await user.keyboard('r');
    await vi.waitFor(() => expect(said()).toBe('1 photo turned right'));
    await user.keyboard('{Shift>}R{/Shift}');
    await vi.waitFor(() => expect(said()).toBe('1 photo turned left'));
    expect(asked('peer.edit').map(({ payload }) => payload)).toMatchObject([
      { turn: 1 },
      { turn: -1 },
    ]);
  });

  it('goes into an album of its machine, also a new one, and out again', async () => {
    await viewer('machine-1', 0);
    await user.click(screen.getByTestId('remote-more'));
    await choose('Add to album');
    await user.click((await screen.findAllByTestId('pick-album'))[1]);
    await vi.waitFor(() => expect(said()).toBe('1 photo added to «Lake Garda»'));
    await user.click(screen.getByTestId('remote-more'));
    await choose('Add to album');
    await user.click(await screen.findByText('New album'));
    await user.type(await screen.findByTestId('album-title-input'), 'Best of{Enter}');
    await vi.waitFor(() => expect(said()).toBe('1 photo added to «Best of»'));
    const [made] = sample.peers.albums.of('machine-1');
    cleanup();
    looking.close();
    where.go({ view: 'machine', id: 'machine-1', part: 'album', album: made.id });
    render(App);
    await user.click(await screen.findByTestId('remote-tile'));
    await user.click(await screen.findByTestId('remote-more'));
    await choose('Remove from album');
    await vi.waitFor(() => expect(made.assets.size).toBe(0));
    expect(await screen.findByText('No photos in it yet')).toBeInTheDocument();
    expect(asked('album.add')).toEqual([]);
  });

  it('a refused edit says why where it was written', async () => {
    await viewer('machine-1', 0);
    await user.keyboard('i');
    sample.refuse('peer.edit', 'Attic keeps no such photo any more.');
    await user.type(await screen.findByRole('textbox', { name: 'Title' }), 'Lake{Enter}');
    expect(await screen.findByText('Attic keeps no such photo any more.')).toBeVisible();
  });

  it('of a machine that is gone, nothing is shown but the way back', async () => {
    await open('', { view: 'machine', id: 'machine-9' });
    expect(await screen.findByText('This machine is not connected')).toBeVisible();
  });
});

describe('albums of a machine', () => {
  it('are shown with how many photos they hold, and open', async () => {
    await open('', { view: 'machine', id: 'machine-1' });
    await user.click(await screen.findByRole('radio', { name: 'Albums' }));
    const [first, second] = await screen.findAllByTestId('album-card');
    expect(first).toHaveTextContent(/At the hut\s*9 photos/);
    expect(second).toHaveTextContent(/Lake Garda\s*26 photos/);
    await user.click(first);
    await vi.waitFor(() => expect(screen.getAllByTestId('remote-tile')).toHaveLength(9));
    await user.click(screen.getByRole('button', { name: 'Back to the albums of Attic' }));
    expect(await screen.findAllByTestId('album-card')).toHaveLength(2);
  });

  it('are made, edited and deleted by asking for it; of a machine that is away, it waits', async () => {
    await open('', { view: 'machine', id: 'machine-2', part: 'albums' });
    await user.click(await screen.findByTestId('machine-new-album'));
    await user.type(await screen.findByTestId('album-title-input'), 'Summer{Enter}');
    await vi.waitFor(() => expect(said()).toBe('It is done as soon as Travel laptop is there'));
    expect(await screen.findByText('A change waits for Travel laptop')).toBeVisible();
    await user.click(screen.getByTestId('machine-album-more'));
    const title = await screen.findByTestId('machine-album-title');
    await user.clear(title);
    await user.type(title, 'Winter{Enter}');
    await vi.waitFor(() => expect(asked('peer.album.edit')).toHaveLength(1));
    const { id } = sample.peers.albums.of('machine-2')[0];
    expect(asked('peer.album.edit')[0].payload).toEqual({
      machine: 'machine-2',
      album: id,
      title: 'Winter',
    });
    await user.click(screen.getByTestId('machine-album-delete'));
    expect(await screen.findByText('Delete «Winter»?')).toBeInTheDocument();
    await user.click(screen.getByTestId('confirm'));
    await vi.waitFor(() => expect(screen.getAllByTestId('album-card')).toHaveLength(2));
    expect(asked('peer.album.delete')[0].payload).toEqual({ machine: 'machine-2', album: id });
    expect(asked('album.delete')).toEqual([]);
  });

  it('somebody else’s machine shows none', async () => {
    await open('', { view: 'machine', id: 'machine-3' });
    expect(await screen.findByText('None of its photos is known here')).toBeVisible();
    expect(screen.queryByRole('radio', { name: 'Albums' })).toBeNull();
  });
});
