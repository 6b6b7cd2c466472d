import { cleanup, render, screen } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { use } from '../host';
import { sampleHost, type SampleHost } from '../sample/host';
import PlaceSheet from './PlaceSheet.svelte';

// There is no canvas here to draw a map on.
vi.mock('./leaf', () => ({ leaf: () => new Promise(() => {}) }));

const user = userEvent.setup();
let sample: SampleHost;
beforeEach(async () => {
  sample = await sampleHost(new URLSearchParams());
  use(sample);
});
afterEach(cleanup);

function ask(
  onchosen: (place: string) => Promise<void>,
  at: { latitude: number; longitude: number } | null = null,
) {
  const onclose = vi.fn();
  render(PlaceSheet, { many: 1, at, onchosen, onclose });
  return onclose;
}

it('a town is found by name, chosen by keys, and set', async () => {
  const onchosen = vi.fn(async () => {});
  const onclose = ask(onchosen);
  const field = screen.getByRole('combobox', { name: 'Town' });
  await user.type(field, 'munich');
  const options = await screen.findAllByRole('option');
  expect(options[0]).toHaveTextContent('Munich');
  expect(options[0]).toHaveAttribute('aria-selected', 'true');
  await user.keyboard('{ArrowDown}');
  expect(options[1]).toHaveAttribute('aria-selected', 'true');
  await user.keyboard('{ArrowUp}{Enter}');
  expect(screen.queryByRole('option')).toBeNull();
  await user.click(screen.getByTestId('place-save'));
  expect(onchosen).toHaveBeenCalledWith('48.137,11.575');
  expect(onclose).toHaveBeenCalled();
});

it('what cannot be set is told, and the sheet stays', async () => {
  const onclose = ask(() => Promise.reject(new Error('The disk is full.')), {
    latitude: 44.4,
    longitude: 8.9,
  });
  await user.click(screen.getByRole('button', { name: 'No place' }));
  expect(await screen.findByText('The disk is full.')).toBeVisible();
  expect(onclose).not.toHaveBeenCalled();
});

it('a name that no town has is told', async () => {
  ask(async () => {});
  await user.type(screen.getByRole('combobox', { name: 'Town' }), 'Xyzzy');
  expect(await screen.findByText(/No town is called so/)).toBeVisible();
});
