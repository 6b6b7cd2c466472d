import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import App from '../App.svelte';
import { use } from '../host';
import { sampleHost, type SampleHost } from '../sample/host';
import { forgetGrids } from '../timeline/grid.svelte';
import { where } from './place.svelte';

let sample: SampleHost;
/** What the node was asked for; a grid also asks how many of its photos are videos. */
const asked = () =>
  sample.asked.filter(({ name }) => name === 'timeline').map(({ payload }) => payload);

beforeEach(async () => {
  forgetGrids();
  sample = await sampleHost(new URLSearchParams());
  use(sample);
  where.go({ view: 'favourites' });
});

test('what is typed is looked for, and Escape leads back', async () => {
  const user = userEvent.setup();
  render(App);
  const field = await screen.findByTestId('search');
  await user.keyboard('/');
  expect(field).toHaveFocus();
  await user.type(field, 'img');
  await vi.waitFor(() => expect(asked()).toContainEqual({ query: 'img' }));
  expect(where.now.view).toBe('search');
  await user.keyboard('{Escape}');
  expect(where.now.view).toBe('favourites');
  expect(field).toHaveValue('');
});

test('facts are added as chips and taken away again', async () => {
  const user = userEvent.setup();
  render(App);
  await user.type(await screen.findByTestId('search'), 'img{Enter}');
  await user.click(await screen.findByTestId('chip-type'));
  await user.click(await screen.findByText('Videos', { selector: '[role=menuitem] *' }));
  await vi.waitFor(() => expect(asked()).toContainEqual({ query: 'img', type: 'video' }));
  await user.click(screen.getByTestId('chip-favourites'));
  await vi.waitFor(() =>
    expect(asked()).toContainEqual({ query: 'img', type: 'video', favorites: true }),
  );
  await user.click(screen.getByRole('button', { name: 'Without «Videos»' }));
  await vi.waitFor(() => expect(asked()).toContainEqual({ query: 'img', favorites: true }));
});

test('what is found nowhere is said, with what helps', async () => {
  const user = userEvent.setup();
  render(App);
  await user.type(await screen.findByTestId('search'), 'zzzz{Enter}');
  expect(await screen.findByText('Nothing found')).toBeVisible();
});
