import { cleanup, render, screen, within } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { afterEach, expect, it, vi } from 'vitest';
import App from '../App.svelte';
import { use } from '../host';
import { sampleHost, type SampleHost } from '../sample/host';
import { toasts } from '../shared/toasts.svelte';
import { forgetGrids } from '../timeline/grid.svelte';
import { where, type Place } from '../views/place.svelte';
import { sheets } from '../views/sheets.svelte';
import { together } from './words';

let sample: SampleHost;
const user = userEvent.setup();
/** One's own that is shared, one that nobody is in, and Anna's. */
const [own, alone, annas] = ['album-000423', 'album-000424', 'album-000425'];

async function open(place: Place, furnish: (host: SampleHost) => void = () => {}) {
  forgetGrids();
  toasts.list = [];
  sample = await sampleHost(new URLSearchParams('sample=full'));
  furnish(sample);
  use(sample);
  where.go(place);
  render(App);
  await screen.findByTestId('nav-news');
}
afterEach(() => {
  cleanup();
  sheets.close();
  sheets.menu = null;
  where.go({ view: 'timeline' });
});

const asked = (name: string) => sample.asked.filter((one) => one.name === name);
const payload = (name: string) => asked(name).at(-1)?.payload;

/** What is called so in the menu that is open. */
async function choose(words: RegExp) {
  const item = (await screen.findByText(words)).closest<HTMLElement>('[role=menuitem]');
  if (!item) throw new Error(`${words} is no verb of a menu`);
  await user.click(item);
}

it('an album says who is in it, and many are counted', async () => {
  expect(together([])).toBe('');
  expect(together(['Ben'])).toBe('Ben');
  expect(together(['Ben', 'Ida'])).toBe('Ben and Ida');
  // The reader's English may put a comma before the last.
  expect(together(['Ben', 'Ida', 'Jo'])).toMatch(/^Ben, Ida,? and Jo$/);
  expect(together(['Ben', 'Ida', 'Jo', 'Kim'])).toMatch(/^Ben, Ida,? and 2 more$/);
  await open({ view: 'album', id: annas });
  expect(await screen.findByText('by Anna, with Ben')).toBeVisible();
});

it('an album of one’s own that nobody is in asks nobody who is in it', async () => {
  await open({ view: 'album', id: alone });
  await screen.findByTestId('album-title');
  expect(screen.queryByTestId('album-people')).toBeNull();
  expect(asked('album.members')).toHaveLength(0);
});

it('an album that was handed over can be kept after all', async () => {
  await open({ view: 'album', id: own }, ({ library }) => {
    Object.assign(library.albums.get(own)?.sharing ?? {}, { heir: 'person-2' });
  });
  await user.click(await screen.findByTestId('people'));
  await user.click(await screen.findByRole('button', { name: /More about Ben/ }));
  await choose(/Keep the album after all/);
  expect(payload('album.handover')).toEqual({ album: own });
});

it('an editor says what the visitors of a link may download', async () => {
  await open({ view: 'album', id: annas });
  await user.click(await screen.findByTestId('share'));
  const dialog = within(await screen.findByRole('dialog'));
  await vi.waitFor(() => expect(dialog.getByTestId('make-link')).toBeEnabled());
  const choices = within(dialog.getByRole('radiogroup', { name: 'What they may do' }));
  await user.click(choices.getAllByRole('radio')[0]);
  await user.click(dialog.getByTestId('make-link'));
  expect(payload('album.link')).toMatchObject({ album: annas, expires: '30d', download: 'none' });
});
