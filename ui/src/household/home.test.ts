/** Where an album lives: at home, on a machine that is always on, or on its way between the two. */
import { cleanup, render, screen, within } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import App from '../App.svelte';
import { albums } from '../album/albums.svelte';
import { use } from '../host';
import { peers } from '../peers/peers.svelte';
import { servedAt } from '../sample/among';
import { sampleHost, type SampleHost } from '../sample/host';
import { forgetGrids } from '../timeline/grid.svelte';
import { where } from '../views/place.svelte';
import { sheets } from '../views/sheets.svelte';

let sample: SampleHost;
const user = userEvent.setup();
/** One's own that is shared, and Anna's. */
const [own, annas] = ['album-000423', 'album-000425'];

async function open(album: string, wishes = '', furnish: (host: SampleHost) => void = () => {}) {
  forgetGrids();
  sample = await sampleHost(new URLSearchParams(wishes));
  furnish(sample);
  use(sample);
  where.go({ view: 'album', id: album });
  render(App);
  await screen.findByTestId('album-title');
}
async function people() {
  await user.click(await screen.findByTestId('people'));
  await screen.findAllByTestId('member');
  return within(screen.getByRole('dialog'));
}
const home = async () => {
  await people();
  return within(await screen.findByTestId('album-home'));
};
afterEach(() => {
  cleanup();
  sheets.close();
  sheets.menu = null;
  peers.people = [];
  albums.list = [];
  where.go({ view: 'timeline' });
});

const asked = () => sample.asked.filter(({ name }) => name === 'album.move');
const answered = () => vi.waitFor(() => expect(asked()).toHaveLength(1));

/** The verbs of the menu that is open. */
const verbs = async () =>
  (await screen.findAllByRole('menuitem', { hidden: true })).map((one) => one.textContent?.trim());

async function choose(words: string) {
  const items = await screen.findAllByRole('menuitem', { hidden: true });
  const item = items.find((one) => one.textContent?.trim() === words);
  if (!item) throw new Error(`${words} is no verb of a menu`);
  await user.click(item);
}

describe('an album that lives here', () => {
  it('moves to the machine that is chosen, after a question', async () => {
    await open(own);
    const group = await home();
    expect(group.getByText('It lives on this machine.')).toBeVisible();
    await user.click(group.getByRole('button', { name: 'Move to a server…' }));
    expect(await verbs()).toEqual(['Attic', 'Travel laptop']);
    await choose('Attic');
    expect(await screen.findByText(/whoever has its disk has the photos/)).toBeVisible();
    expect(asked()).toEqual([]);
    await user.click(screen.getByTestId('confirm'));
    await answered();
    expect(asked()[0].payload).toEqual({ album: own, machine: 'machine-1' });
    // The sheet is there again, and says where it is now.
    expect(await screen.findByText('It lives on Attic.')).toBeVisible();
  });

  it('moves to another’s machine only where that serves one’s links', async () => {
    await open(own, '', ({ peers: around }) => {
      around.people = around.people.filter(({ is_own }) => !is_own);
      around.find('machine-3').serves = servedAt;
    });
    await user.click((await home()).getByRole('button', { name: 'Move to a server…' }));
    // There is nothing to choose from.
    expect(await screen.findByRole('dialog')).toHaveAccessibleName(/ to Ben’s laptop\?$/);
    await user.click(screen.getByTestId('confirm'));
    await answered();
    expect(asked()[0].payload).toEqual({ album: own, machine: 'machine-3' });
  });

  it('says nothing of it where there is no such machine', async () => {
    await open(own, '', ({ peers: around }) => {
      around.people = around.people.filter(({ is_own }) => !is_own);
    });
    await people();
    expect(screen.queryByTestId('album-home')).toBeNull();
  });
});

it('an album that is about to move says so, and is kept here at once', async () => {
  await open(own, 'lodged=soon');
  const words = 'Moves to Attic as soon as it has everything.';
  expect(await screen.findByText(words)).toBeVisible();
  const group = await home();
  expect(group.getByText(words)).toBeVisible();
  await user.click(group.getByRole('button', { name: 'Keep it here' }));
  await answered();
  expect(asked()[0].payload).toEqual({ album: own, here: true });
  expect(await group.findByText('It lives on this machine.')).toBeVisible();
});

it('says why an album could not be kept here', async () => {
  await open(own, 'lodged=soon');
  const group = await home();
  sample.refuse('album.move', 'It has moved already.');
  await user.click(group.getByRole('button', { name: 'Keep it here' }));
  expect(await screen.findByText('It has moved already.')).toBeVisible();
});

describe('an album that lives on a server', () => {
  it('says where, is brought back after a question, and is its owner’s all the while', async () => {
    await open(own, 'lodged=there', ({ library }) => {
      Object.assign(library.albums.get(own)?.sharing ?? {}, { waiting: 2 });
    });
    expect(await screen.findByTestId('album-on')).toHaveTextContent('on Attic');
    expect(await screen.findByText('2 photos wait for Attic.')).toBeVisible();
    const group = await home();
    expect(group.getByText('It lives on Attic.')).toBeVisible();
    expect(group.queryByRole('button', { name: /gone for good/ })).toBeNull();
    expect(screen.getByText('Keep on Attic the originals of what others add')).toBeVisible();
    await user.click(group.getByRole('button', { name: 'Bring it back…' }));
    expect(asked()).toEqual([]);
    await user.click(await screen.findByTestId('confirm'));
    await answered();
    expect(asked()[0].payload).toEqual({ album: own, here: true });
    expect(await screen.findByText('It lives on this machine.')).toBeVisible();
    expect(screen.queryByTestId('album-on')).toBeNull();
  });

  it('is not handed over from there; all else is done as before', async () => {
    await open(own, 'lodged=there');
    const sheet = await people();
    await user.click(sheet.getByRole('button', { name: 'More about Ben' }));
    expect(await verbs()).toEqual([
      'Let them look only',
      'Take out of the album…',
      'Take out, with 12 photos…',
    ]);
  });

  it('becomes what is known here once that server is gone for good', async () => {
    await open(own, 'lodged=there', ({ peers: around }) => {
      around.find('machine-1').is_online = false;
    });
    await user.click((await home()).getByRole('button', { name: 'Attic is gone for good…' }));
    expect(await screen.findByText(/What others added or said .* is lost\.$/)).toBeVisible();
    expect(asked()).toEqual([]);
    await user.click(screen.getByTestId('confirm'));
    await answered();
    expect(asked()[0].payload).toEqual({ album: own, here: true, lost: true });
  });
});

describe('another’s album', () => {
  it('waits for the server that it lives on', async () => {
    await open(annas, 'lodged=there');
    expect(await screen.findByTestId('album-on')).toHaveTextContent('on Attic');
    expect(await screen.findByText('3 photos wait for Attic.')).toBeVisible();
    await people();
    expect(screen.queryByTestId('album-home')).toBeNull();
  });

  it('is only looked at by the people of the server itself', async () => {
    await open(annas, '', ({ library }) => {
      const { sharing } = library.albums.get(annas) ?? {};
      Object.assign(sharing ?? {}, { role: null, links: false, waiting: 0 });
    });
    expect(await screen.findByTestId('album-title')).toHaveAttribute('readonly');
    expect(screen.queryByRole('button', { name: 'More' })).toBeNull();
    const sheet = await people();
    expect(sheet.queryByTestId('leave')).toBeNull();
    expect(sheet.queryByRole('switch')).toBeNull();
    await user.keyboard('{Escape}');
    await user.click(await screen.findByTestId('album-comments'));
    await screen.findByTestId('conversation');
    expect(screen.queryByTestId('comment-text')).toBeNull();
  });
});
