import { cleanup, render, screen } from '@testing-library/svelte';
import { userEvent } from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { use } from '../host';
import { sampleHost, type SampleHost } from '../sample/host';
import { goes, standing } from '../sample/intake';
import Activity from './Activity.svelte';
import { imports } from './imports.svelte';

const none = { imported: 0, duplicates: 0, skipped: 0, failed: 0 };
const job = { ...none, ...goes };
const converting = { ...job, id: 'a', kind: 'convert', total: 3, done: 1, current: 'IMG_7.MOV' };
const importing = { ...job, id: 'b', kind: 'import', total: 90, done: 40, current: '/x/IMG_8.jpg' };

let sample: SampleHost;

beforeEach(async () => {
  sample = await sampleHost(new URLSearchParams('sample=3'));
  use(sample);
});
afterEach(() => {
  cleanup();
  imports.jobs = [];
  imports.open = false;
});

it('a conversion says what it is, and is not an import', () => {
  imports.jobs = [{ ...converting, failed: 1 }];
  imports.open = true;
  render(Activity);
  expect(screen.getByText('Converting videos for browsers')).toBeVisible();
  expect(screen.getByText('IMG_7.MOV')).toBeVisible();
  expect(screen.getByText('1 could not be converted')).toBeVisible();
  expect(screen.getByRole('button', { name: /^Activity/ })).toHaveAccessibleName(
    'Activity: converting videos, 1 of 3',
  );
  expect([imports.busy, imports.importing, imports.converting]).toEqual([true, false, true]);
});

it('while both run, the button counts the import', () => {
  imports.jobs = [converting, importing];
  render(Activity);
  expect(screen.getByTestId('import-progress')).toHaveTextContent('40 of 90');
});

it('the daily check says what it is, and waits behind an import', () => {
  const checking = { ...job, id: 'c', kind: 'verify', total: 8, done: 2, current: 'IMG_9.jpg' };
  imports.jobs = [checking];
  imports.open = true;
  render(Activity);
  expect(screen.getByText('Checking the originals')).toBeVisible();
  expect(imports.doing).toBe('verify');
  imports.jobs = [checking, importing];
  expect(imports.doing).toBe('import');
});

it('an import can be paused, and says that it waits', async () => {
  const user = userEvent.setup();
  imports.jobs = [importing];
  imports.open = true;
  const { rerender } = render(Activity);
  sample.refuse('job.pause', 'never mind');
  await user.click(screen.getByRole('button', { name: 'Pause' }));
  expect(sample.asked.at(-1)).toEqual({ name: 'job.pause', payload: { id: 'b' } });
  const why = 'Paused; it goes on when you resume it.';
  imports.jobs = [{ ...importing, state: 'paused', why, resumable: true }];
  await rerender({});
  expect(screen.getByText('Import paused')).toBeInTheDocument();
  expect(screen.getByText(why)).toBeInTheDocument();
  expect(screen.getByTestId('import-progress')).toHaveTextContent('Paused');
  sample.refuse('job.resume', 'never mind');
  // What floats counts as hidden where nothing is laid out.
  await user.click(screen.getByText('Resume'));
  expect(sample.asked.at(-1)).toEqual({ name: 'job.resume', payload: { id: 'b' } });
});

it('an import that waits for room says how much, and goes on by itself', () => {
  imports.jobs = [standing('d', 'full')];
  imports.open = true;
  render(Activity);
  expect(screen.getByText(/340 MB more are needed/)).toBeVisible();
  expect(screen.queryByRole('button', { name: 'Resume' })).toBeNull();
  expect(screen.getByRole('button', { name: 'Cancel' })).toBeVisible();
});

it('an import that was broken off asks for a word, and is not busy', () => {
  imports.jobs = [standing('e', 'broken')];
  imports.open = true;
  render(Activity);
  expect(imports.busy).toBe(false);
  expect(screen.getByRole('button', { name: /^Activity/ })).toHaveAccessibleName(
    'Activity: an import was broken off',
  );
  expect(screen.getByText('Import broken off')).toBeVisible();
  expect(screen.getByText(/EOS_DIGITAL\/DCIM is not there now/)).toBeVisible();
  expect(screen.getByRole('button', { name: 'Resume' })).toBeVisible();
});
