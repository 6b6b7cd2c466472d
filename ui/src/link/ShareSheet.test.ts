import { cleanup, render, screen, within } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { use } from '../host';
import { sampleHost, type SampleHost } from '../sample/host';
import { sharing } from '../sharing/sharing.svelte';
import { links } from './links.svelte';
import ShareSheet from './ShareSheet.svelte';

let sample: SampleHost;
let album: string;

beforeEach(async () => {
  sample = await sampleHost(new URLSearchParams('sample=full'));
  use(sample);
  album = [...sample.library.albums.keys()][0];
  await Promise.all([sharing.load(), links.load()]);
});
afterEach(cleanup);

function asked(name: string) {
  return sample.asked.findLast((call) => call.name === name)?.payload;
}

it('makes a link with a password, copies it, and says so', async () => {
  const user = userEvent.setup();
  render(ShareSheet, { subject: { album }, name: '«Autumn»', onclose: () => {} });
  await user.type(screen.getByTestId('share-label'), 'Grandma');
  await user.type(screen.getByTestId('share-password'), 'apple-otter');
  await user.click(screen.getByLabelText('7 days'));
  await user.click(screen.getByLabelText('Look only'));
  await user.click(screen.getByTestId('share-create'));

  const url = await screen.findByTestId('share-url');
  expect(asked('link.create')).toEqual({
    album,
    label: 'Grandma',
    password: 'apple-otter',
    expires: '7d',
    download: 'none',
    show_metadata: false,
    comments: false,
    upload: 'none',
  });
  expect(sample.copied).toEqual([url.textContent]);
  expect(screen.getByText(/Copied/)).toBeVisible();
  expect(screen.getByText('apple-otter')).toBeVisible();
});

it('refuses a short password in words, before asking the node', async () => {
  const user = userEvent.setup();
  render(ShareSheet, { subject: { album }, name: '«Autumn»', onclose: () => {} });
  await user.type(screen.getByTestId('share-password'), 'short');
  await user.click(screen.getByTestId('share-create'));
  expect(screen.getByRole('alert')).toHaveTextContent('at least 8 characters');
  expect(asked('link.create')).toBeUndefined();
});

it('shows the sentence of a node that cannot', async () => {
  const user = userEvent.setup();
  render(ShareSheet, { subject: { album }, name: '«Autumn»', onclose: () => {} });
  sample.refuse('link.create', 'The disk is full. Free some space and try again.');
  await user.click(screen.getByTestId('share-create'));
  expect(await screen.findByText(/The disk is full/)).toBeVisible();
});

it('says that sharing is off, and turns it on', async () => {
  const user = userEvent.setup();
  render(ShareSheet, { subject: { album }, name: '«Autumn»', onclose: () => {} });
  expect(screen.getByText(/Sharing is off/)).toBeVisible();
  await user.click(screen.getByTestId('sharing-on'));
  expect(await screen.findByText(/same network/)).toBeVisible();
  expect(screen.queryByTestId('sharing-on')).toBeNull();
});

it('changes only what was changed', async () => {
  const user = userEvent.setup();
  const link = links.list.find((known) => known.has_password);
  if (!link) throw new Error('the sample has a link with a password');
  const onclose = vi.fn();
  render(ShareSheet, { subject: { link }, name: link.title, onclose });
  expect(screen.getByText('A password is set.')).toBeVisible();
  await user.click(screen.getByLabelText('Save originals'));
  await user.click(screen.getByTestId('share-create'));
  await vi.waitFor(() => expect(onclose).toHaveBeenCalled());
  expect(asked('link.edit')).toEqual({ id: link.id, download: 'original' });
});

it('makes a link for each person, by the defaults of the settings', async () => {
  const user = userEvent.setup();
  await links.setDefaults({ expires: 'never', download: 'original' });
  render(ShareSheet, { subject: { album }, name: '«Autumn»', onclose: () => {} });
  expect(await screen.findByText(/at home/)).toBeVisible();
  await user.type(screen.getByTestId('share-people'), 'Anna{Enter}  {Enter} Ben ');
  await user.click(screen.getByText('Create 2 links'));
  await user.click(await screen.findByText('Copy all'));
  expect(asked('link.each')).toEqual({
    album,
    people: ['Anna', 'Ben'],
    expires: 'never',
    download: 'original',
    show_metadata: false,
    comments: false,
    upload: 'none',
  });
  expect(sample.copied[0].split('\n')).toHaveLength(2);
  expect(sample.copied[0]).toMatch(/^Anna: http.*\nBen: http/);
});

it('tells once what the links of several people give away', async () => {
  const user = userEvent.setup();
  render(ShareSheet, { subject: { album }, name: '«Autumn»', onclose: () => {} });
  await user.type(screen.getByTestId('share-people'), 'Anna{Enter}Ben');
  await user.click(screen.getByText('Create 2 links'));
  expect(await screen.findByText(/so this holds for each/)).toBeVisible();
  expect(await screen.findByText(/0 locations, 0 serials/)).toBeVisible();
  expect(sample.asked.filter(({ name }) => name === 'link.check')).toHaveLength(1);
});

it('asks whether a readable name may be guessed when there is no password', async () => {
  const user = userEvent.setup();
  render(ShareSheet, { subject: { album }, name: '«Autumn»', onclose: () => {} });
  await user.type(screen.getByLabelText('Readable address'), 'summer');
  await user.click(screen.getByTestId('share-create'));
  expect(screen.getByRole('alert')).toHaveTextContent('can be guessed');
  await user.click(screen.getByLabelText(/Anyone may guess it/));
  await user.click(screen.getByTestId('share-create'));
  await screen.findByTestId('share-url');
  expect(asked('link.create')).toMatchObject({ name: 'summer', guessable: true });
});

it('lets visitors comment where that is wished, and no longer', async () => {
  const user = userEvent.setup();
  render(ShareSheet, { subject: { album }, name: '«Autumn»', onclose: () => {} });
  await user.click(screen.getByTestId('share-comments'));
  expect(screen.getByText(/Under a name they give/)).toBeVisible();
  await user.click(screen.getByTestId('share-create'));
  await screen.findByTestId('share-url');
  expect(asked('link.create')).toMatchObject({ comments: true });
  cleanup();
  const link = links.list.find(({ comments }) => comments);
  if (!link) throw new Error('a link with comments was made');
  render(ShareSheet, { subject: { link }, name: link.title, onclose: () => {} });
  await user.click(screen.getByTestId('share-comments'));
  await user.click(screen.getByTestId('share-create'));
  await vi.waitFor(() => expect(asked('link.edit')).toEqual({ id: link.id, comments: false }));
});

it('shows what visitors will see, as it is chosen', async () => {
  const user = userEvent.setup();
  render(ShareSheet, { subject: { album }, name: '«Autumn»', onclose: () => {} });
  const preview = within(await screen.findByTestId('share-preview'));
  const { title } = sample.library.album(album) ?? { title: '' };
  expect(preview.getByText(title)).toBeVisible();
  expect(preview.getByText('Download all')).toBeVisible();
  expect(preview.getByText(/Without names/)).toBeVisible();
  await user.click(screen.getByLabelText('Look only'));
  expect(preview.queryByText('Download all')).toBeNull();
  await user.click(screen.getByLabelText(/Show dates/));
  expect(preview.getByText(/With names/)).toBeVisible();
  await user.type(screen.getByTestId('share-password'), 'apple-otter');
  expect(preview.getByText(/password is asked/)).toBeVisible();
  await user.type(screen.getByTestId('share-seats'), '5');
  expect(preview.getByText(/opens for 5 people/)).toBeVisible();
  await user.click(screen.getByTestId('share-create'));
  await screen.findByTestId('share-url');
  expect(asked('link.create')).toMatchObject({ people_at_most: 5 });
});

it('refuses a number of people that no link is for', async () => {
  const user = userEvent.setup();
  render(ShareSheet, { subject: { album }, name: '«Autumn»', onclose: () => {} });
  await user.type(screen.getByTestId('share-seats'), '0');
  await user.click(screen.getByTestId('share-create'));
  expect(screen.getByRole('alert')).toHaveTextContent('1 to 10000 people');
  expect(asked('link.create')).toBeUndefined();
});

it('lets visitors add photos, into a drop box, with a warning before nobody is asked', async () => {
  const user = userEvent.setup();
  render(ShareSheet, { subject: { album }, name: '«Autumn»', onclose: () => {} });
  expect(screen.queryByTestId('share-drop-box')).toBeNull();
  await user.click(screen.getByTestId('share-uploads'));
  await user.click(screen.getByTestId('share-drop-box'));
  expect(screen.queryByLabelText('Look only')).toBeNull();
  await user.click(screen.getByTestId('share-auto-accept'));
  expect(screen.getByText(/can put any picture into your library/)).toBeVisible();
  await user.clear(screen.getByTestId('upload-files'));
  await user.click(screen.getByTestId('share-create'));
  expect(screen.getByRole('alert')).toHaveTextContent('at least one file');
  await user.type(screen.getByTestId('upload-files'), '300');
  await user.click(screen.getByTestId('share-create'));
  await screen.findByTestId('share-url');
  expect(asked('link.create')).toMatchObject({
    upload: 'only',
    auto_accept: true,
    upload_files: 300,
    upload_bytes: 10e9,
  });
});

it('opens with uploads allowed for who was asked to let friends add photos', () => {
  render(ShareSheet, { subject: { album }, name: '', inviting: true, onclose: () => {} });
  expect(screen.getByTestId('share-uploads')).toBeChecked();
});
