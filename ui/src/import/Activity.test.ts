import { cleanup, render, screen } from '@testing-library/svelte';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { use } from '../host';
import { sampleHost } from '../sample/host';
import Activity from './Activity.svelte';
import { imports } from './imports.svelte';

const job = { imported: 0, duplicates: 0, skipped: 0, failed: 0, state: 'running' } as const;
const converting = { ...job, id: 'a', kind: 'convert', total: 3, done: 1, current: 'IMG_7.MOV' };
const importing = { ...job, id: 'b', kind: 'import', total: 90, done: 40, current: '/x/IMG_8.jpg' };

beforeEach(async () => use(await sampleHost(new URLSearchParams('sample=3'))));
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
