import { cleanup, render, screen } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { use } from '../host';
import { sampleHost, type SampleHost } from '../sample/host';
import Sources from './Sources.svelte';

let sample: SampleHost;
const onchosen = vi.fn();
const props = { onchosen, onclose: () => {} };

async function open(query: string) {
  sample = await sampleHost(new URLSearchParams(query));
  use(sample);
  render(Sources, props);
}

beforeEach(() => onchosen.mockReset());
afterEach(cleanup);

it('lists what is connected, and imports the one that is chosen', async () => {
  const user = userEvent.setup();
  await open('sample=3');
  const rows = await screen.findAllByTestId('source');
  expect(rows.map((row) => row.textContent?.replace(/\s+/g, ' ').trim())).toEqual([
    'EOS_DIGITAL Card or drive',
    'Google Pixel 7 Phone or tablet',
    'Nikon Corporation NIKON D750 Camera',
  ]);
  await user.click(rows[0]);
  expect(onchosen).toHaveBeenCalledWith('/run/media/mira/EOS_DIGITAL/DCIM');
});

it('says what to do when nothing is connected, and looks again', async () => {
  const user = userEvent.setup();
  await open('sample=3&sources=none');
  expect(await screen.findByText('Nothing is connected')).toBeVisible();
  expect(screen.getByText(/Unlock a phone/)).toBeVisible();
  await user.click(screen.getByTestId('look-again'));
  expect(sample.asked.filter((call) => call.name === 'sources')).toHaveLength(2);
});

it('tells why it could not look', async () => {
  const user = userEvent.setup();
  await open('sample=3&sources=none');
  await screen.findByText('Nothing is connected');
  sample.refuse('sources', 'The drives could not be listed.');
  await user.click(screen.getByTestId('look-again'));
  expect(await screen.findByText('The drives could not be listed.')).toBeVisible();
});
