import { cleanup, render, screen, within } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { afterEach, describe, expect, it, vi } from 'vitest';
import App from '../App.svelte';
import { use } from '../host';
import { peers } from '../peers/peers.svelte';
import { adoptions, originals } from '../safety/safety.svelte';
import { sampleHost, type SampleHost } from '../sample/host';
import { toasts } from '../shared/toasts.svelte';
import { forgetGrids } from '../timeline/grid.svelte';
import { where, type Place } from './place.svelte';
import { sheets } from './sheets.svelte';

let sample: SampleHost;
const user = userEvent.setup();
/** What takes a moment. */
const patient = { timeout: 4000 };

async function open(wishes = '', place: Place = { view: 'originals' }) {
  forgetGrids();
  toasts.list = [];
  sample = await sampleHost(new URLSearchParams(wishes));
  use(sample);
  where.go(place);
  render(App);
  await screen.findByTestId('nav-machines');
}
afterEach(() => {
  cleanup();
  peers.people = [];
  originals.machines = [];
  originals.loaded = false;
  adoptions.forget('machine-2');
  sheets.close();
  vi.useRealTimers();
  where.go({ view: 'timeline' });
});

const asked = (name: string) => sample.asked.filter((one) => one.name === name);
const said = () => toasts.list.at(-1)?.text;
const verdict = () => screen.findByTestId('verdict');
async function row(name: string) {
  const rows = await screen.findAllByTestId('safety-row');
  const found = rows.find((one) => one.getAttribute('aria-label') === name);
  if (!found) throw new Error(`${name} is not among the machines`);
  return within(found);
}

describe('where originals are', () => {
  it('is told in a line among the machines, which leads there', async () => {
    await open('', { view: 'machines' });
    const line = await screen.findByTestId('originals');
    expect(line).toHaveTextContent('980 photos are on one machine only');
    await user.click(line);
    expect(await verdict()).toHaveTextContent('980 photos are on one machine only');
  });

  it('says of each machine what would be lost with it, what it keeps, and since when that is known', async () => {
    await open();
    const desk = await row('Desk');
    expect(desk.getByText('This machine')).toBeVisible();
    expect(desk.getByTestId('safety-loss')).toHaveTextContent('12 (51.6 MB)');
    expect(desk.queryByTestId('lost')).toBeNull();
    const attic = await row('Attic');
    expect(attic.getByText('On this network')).toBeVisible();
    expect(attic.getByText('As of 3 minutes ago')).toBeVisible();
    expect(attic.getByText('408')).toBeVisible();
    expect(attic.queryByRole('button')).toBeNull();
    const travel = await row('Travel laptop');
    expect(travel.getByText('Last seen 2 hours ago')).toBeVisible();
    expect(travel.getByTestId('safety-loss')).toHaveClass('asks');
    expect(travel.getByTestId('lost')).toBeVisible();
  });

  it('of one machine alone is that nothing is safe, and how a second is connected', async () => {
    await open('sample=12');
    expect(await verdict()).toHaveTextContent('All your originals are on this machine alone');
    await user.click(screen.getByTestId('connect'));
    expect(sheets.open).toEqual({ kind: 'connect' });
  });

  it('shows the photos that are here alone', async () => {
    await open();
    await user.click((await row('Desk')).getByTestId('alone'));
    expect(await screen.findAllByTestId('alone-photo')).toHaveLength(12);
    expect(screen.getByText('12 photos would be lost with this machine.')).toBeInTheDocument();
  });

  it('is asked again once for many photos that come', async () => {
    await open();
    await verdict();
    await vi.waitFor(() => expect(originals.loaded).toBe(true));
    vi.useFakeTimers();
    const before = asked('safety.show').length;
    const ids = [...sample.library.assets.keys()].slice(0, 5);
    for (const id of ids) sample.withdraw(id);
    expect(asked('safety.show')).toHaveLength(before);
    await vi.advanceTimersByTimeAsync(2500);
    expect(asked('safety.show')).toHaveLength(before + 1);
  });
});

describe('the promise', () => {
  it('is given at once, and says what it takes', async () => {
    await open();
    const promise = await screen.findByTestId('promise');
    expect(screen.getByText(/needs about 4\.2 GB for it; 212 GB are free/)).toBeVisible();
    await user.click(promise);
    await vi.waitFor(() => expect(asked('safety.promise')[0]?.payload).toEqual({ on: true }));
    await vi.waitFor(async () => expect(await verdict()).toHaveTextContent('38 photos are'));
    expect(promise).toBeChecked();
  });

  it('is taken back only after it was said what that means', async () => {
    await open('safety=kept');
    const promise = await screen.findByTestId('promise');
    await user.click(promise);
    expect(await screen.findByText(/copies that your machines made.*are deleted/)).toBeVisible();
    await user.click(screen.getByRole('button', { name: 'Cancel' }));
    await vi.waitFor(() => expect(promise).toBeChecked());
    expect(asked('safety.promise')).toEqual([]);
    await user.click(promise);
    await user.click(await screen.findByTestId('confirm'));
    await vi.waitFor(() => expect(asked('safety.promise')[0]?.payload).toEqual({ on: false }));
    expect(promise).not.toBeChecked();
  });

  it('that is refused is told, and shown as it was', async () => {
    await open();
    sample.refuse('safety.promise', 'The disk is full.');
    const promise = await screen.findByTestId('promise');
    await user.click(promise);
    await vi.waitFor(() => expect(said()).toBe('The disk is full.'));
    expect(promise).not.toBeChecked();
  });
});

describe('a machine that is lost', () => {
  const lost = async (wishes: string) => {
    await open(wishes);
    await user.click((await row('Travel laptop')).getByTestId('lost'));
    return screen.findByTestId('lost-go');
  };

  it('says what is taken over, and what is not', async () => {
    await lost('safety=kept');
    expect(screen.getByText(/^422 of its 460 photos/)).toBeVisible();
    expect(screen.getByText(/^38 photos that are on Travel laptop alone \(163 MB\)/)).toBeVisible();
    expect(screen.getByText(/^Links and shares of Travel laptop/)).toBeVisible();
    expect(screen.getByText('As it was known here 2 hours ago.')).toBeVisible();
  });

  it('is not taken over where nothing of it is kept', async () => {
    expect(await lost('')).toBeDisabled();
    expect(screen.getByText(/none of its originals is kept here/)).toBeVisible();
    expect(screen.getByText(/^422 photos whose originals are on other machines/)).toBeVisible();
  });

  it('is taken over with its progress, and removed after', async () => {
    const photos = async () => (await sample.call('status', {})).assets;
    await user.click(await lost('safety=kept'));
    const before = await photos();
    expect(await screen.findByTestId('lost-stop')).toBeVisible();
    expect(screen.getByRole('progressbar')).toHaveAttribute('max', '460');
    expect(await screen.findByTestId('lost-done', {}, patient)).toHaveTextContent(
      '422 photos of Travel laptop are photos of this machine now',
    );
    expect(await photos()).toBeGreaterThan(before);
    expect(screen.getByText('3 albums came with them.')).toBeVisible();
    expect(screen.getByText('Of 38 photos, the originals are not here.')).toBeVisible();
    await user.click(screen.getByTestId('lost-remove'));
    await vi.waitFor(() => expect(said()).toBe('Removed: Travel laptop'));
    expect(sheets.open).toBeNull();
    await vi.waitFor(async () => expect(await verdict()).toHaveTextContent('Every original'));
    expect(adoptions.of('machine-2')).toBeUndefined();
  });

  it('is taken over while its sheet is closed, and says so', async () => {
    await user.click(await lost('safety=kept'));
    await screen.findByTestId('lost-stop');
    sheets.close();
    await vi.waitFor(() => expect(said()).toMatch(/^422 photos of Travel laptop/), patient);
    toasts.list.at(-1)?.action?.run();
    expect(await screen.findByTestId('lost-remove')).toBeVisible();
  });

  it('can be stopped and gone on with; what is refused is told', async () => {
    const go = await lost('safety=kept&pace=100');
    sample.refuse('safety.adopt', 'The disk is full.');
    await user.click(go);
    expect(await screen.findByText('The disk is full.')).toHaveAttribute('role', 'alert');
    await user.click(screen.getByTestId('lost-go'));
    await user.click(await screen.findByTestId('lost-stop'));
    expect(await screen.findByText(/^Stopped\. What has been taken over stays/)).toBeVisible();
    expect(screen.getByTestId('lost-go')).toHaveTextContent('Go on');
  });
});
