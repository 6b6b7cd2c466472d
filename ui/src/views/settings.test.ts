import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import App from '../App.svelte';
import { use } from '../host';
import { sampleHost, type SampleHost } from '../sample/host';
import { forgetGrids } from '../timeline/grid.svelte';
import { where } from './place.svelte';

let sample: SampleHost;

beforeEach(async () => {
  localStorage.clear();
  forgetGrids();
  sample = await sampleHost(new URLSearchParams('sample=20&name=Mira'));
  use(sample);
  where.go({ view: 'settings' });
});

const asked = (name: string) => sample.asked.filter((one) => one.name === name).at(-1)?.payload;

test('a name is kept as one leaves its field, and as it was after Escape', async () => {
  const user = userEvent.setup();
  render(App);
  const field = await screen.findByTestId('set-person');
  expect(field).toHaveValue('Mira');
  await user.clear(field);
  await user.type(field, 'Mira B.{Enter}');
  await vi.waitFor(() => expect(asked('init')).toEqual({ person: 'Mira B.' }));
  await user.type(field, ' and more{Escape}');
  expect(field).toHaveValue('Mira B.');
});

test('what is refused is said beside its field', async () => {
  const user = userEvent.setup();
  render(App);
  await user.type(await screen.findByTestId('set-public-url'), 'ftp://photos{Enter}');
  expect(await screen.findByText(/is not a public address/)).toHaveAttribute('role', 'alert');
  expect(screen.getByTestId('set-public-url')).toHaveValue('ftp://photos');
});

test('colours are chosen, and login is asked of the system', async () => {
  const user = userEvent.setup();
  render(App);
  await user.click(await screen.findByRole('radio', { name: 'Dark' }));
  await vi.waitFor(() => expect(sample.outside.theme).toBe('dark'));
  await user.click(screen.getByRole('switch', { name: /Start when I log in/ }));
  await vi.waitFor(() => expect(sample.outside.atLogin).toBe(true));
});

test('how the listener is run is set once it serves https, and its figures are for here alone', async () => {
  const user = userEvent.setup();
  render(App);
  const metrics = await screen.findByTestId('set-metrics');
  expect(screen.queryByTestId('set-hsts')).toBeNull();
  expect(screen.queryByTestId('set-redirect')).toBeNull();
  await user.type(metrics, '0.0.0.0:8479{Enter}');
  expect(await screen.findByText(/can be reached by others/)).toHaveAttribute('role', 'alert');
  await user.clear(metrics);
  await user.type(metrics, '127.0.0.1:8479{Enter}');
  await vi.waitFor(() => expect(asked('sharing.set')).toEqual({ metrics: '127.0.0.1:8479' }));

  await user.type(screen.getByTestId('set-names'), 'anna.example.org{Enter}');
  await user.click(await screen.findByTestId('acme'));
  const redirect = await screen.findByTestId('set-redirect');
  await user.type(redirect, '0.0.0.0:80{Enter}');
  await vi.waitFor(() => expect(asked('sharing.set')).toEqual({ redirect: '0.0.0.0:80' }));
  expect(screen.getByTestId('set-hsts')).toBeChecked();
  await user.click(screen.getByTestId('set-hsts'));
  await vi.waitFor(() => expect(asked('sharing.set')).toEqual({ hsts: false }));
  expect(screen.getByTestId('set-hsts')).not.toBeChecked();
});

test('a tile server is set for the map, and what is none is refused', async () => {
  const user = userEvent.setup();
  render(App);
  const field = await screen.findByTestId('set-tiles');
  await user.type(field, 'https://tiles.example{Enter}');
  expect(await screen.findByText(/has {z}, {x} and {y} in it/)).toHaveAttribute('role', 'alert');
  await user.clear(field);
  await user.paste('https://tiles.example/{z}/{x}/{y}.png');
  await user.keyboard('{Enter}');
  const payload = { url: 'https://tiles.example/{z}/{x}/{y}.png' };
  await vi.waitFor(() => expect(sample.asked).toContainEqual({ name: 'places.tiles', payload }));
});

test('a relay is served, told where, and what is in its way', async () => {
  const user = userEvent.setup();
  render(App);
  const field = await screen.findByTestId('set-serve-relay');
  await user.type(field, '3340{Enter}');
  expect(await screen.findByText(/an address of this machine and a port/)).toBeVisible();
  await user.clear(field);
  await user.type(field, '0.0.0.0:80{Enter}');
  expect(await screen.findByText(/another program has the port 80/)).toBeVisible();
  await user.clear(field);
  await user.type(field, '0.0.0.0:3340{Enter}');
  expect(await screen.findByText(/Served at http:\/\/0.0.0.0:3340/)).toBeVisible();
  expect(screen.queryByText(/another program has the port 80/)).toBeNull();
  await user.type(screen.getByTestId('set-relay'), 'https://relay.example.org{Enter}');
  await vi.waitFor(() => expect(asked('peer.set')).toEqual({}));
  expect(sample.asked).toContainEqual({
    name: 'peer.set',
    payload: { relay: 'https://relay.example.org' },
  });
});

test('a backup is made, and where its copies go is chosen', async () => {
  const user = userEvent.setup();
  render(App);
  await user.click(await screen.findByTestId('back-up'));
  expect(await screen.findByText('The catalog is backed up')).toBeVisible();
  await user.click(screen.getByRole('button', { name: /Also on another drive/ }));
  expect(await screen.findByText(/Copies go to/)).toBeVisible();
});

test('an encrypted copy is set up, and its recovery key is shown until it is written down', async () => {
  const user = userEvent.setup();
  render(App);
  await user.click(await screen.findByTestId('offsite-begin'));
  await user.type(screen.getByLabelText('Address of the store'), 'http://127.0.0.1:9');
  await user.type(screen.getByLabelText('Bucket'), 'photos');
  await user.type(screen.getByLabelText('Access key'), 'mira');
  await user.type(screen.getByLabelText('Secret key'), 'hush');
  await user.click(screen.getByTestId('offsite-try'));
  expect(await screen.findByText(/cannot be reached/)).toHaveAttribute('role', 'alert');
  await user.clear(screen.getByLabelText('Address of the store'));
  await user.type(screen.getByLabelText('Address of the store'), 'https://s3.example.org');
  await user.click(screen.getByTestId('offsite-try'));
  const shown = await screen.findByTestId('offsite-words');
  expect(shown.textContent?.split(' ')).toHaveLength(12);
  await user.click(screen.getByTestId('offsite-noted'));
  await vi.waitFor(() => expect(screen.queryByTestId('offsite-words')).toBeNull());
  await user.click(screen.getByTestId('offsite-run'));
  await vi.waitFor(() =>
    expect(screen.getByTestId('offsite-state')).toHaveTextContent('20 of 20 originals are there'),
  );
  // Of twenty photos of 3 MB, four have room.
  await user.type(screen.getByLabelText('Room for originals on this machine, in GB'), '0.0125');
  await user.click(screen.getByTestId('offsite-keep-local'));
  expect(await screen.findByTestId('offsite-local')).toHaveTextContent(
    '4 originals are on this machine',
  );
});
