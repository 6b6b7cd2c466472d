import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { use } from '../host';
import { sampleHost, type SampleHost } from '../sample/host';
import { sheets } from '../views/sheets.svelte';
import { where } from '../views/place.svelte';
import { placeOf } from './address';
import { startShell } from './shell';

let sample: SampleHost;
let end: () => void;

beforeEach(async () => {
  localStorage.clear();
  sample = await sampleHost(new URLSearchParams('sample=20&import=3'));
  use(sample);
  end = startShell();
});

afterEach(() => {
  end();
  sheets.close();
  where.go({ view: 'timeline' });
});

test('an address of its own shows a place, and any other nothing', () => {
  expect(placeOf('albumen://albums/7')).toEqual({ view: 'album', id: '7' });
  expect(placeOf('albumen://links/')).toEqual({ view: 'links' });
  expect(placeOf('albumen:timeline')).toEqual({ view: 'timeline' });
  for (const other of ['albumen://nowhere', 'albumen://links?x=1', 'https://links', 'albumen://'])
    expect(placeOf(other)).toBeNull();
});

test('is led to a place from outside', () => {
  sample.outside.ask([{ kind: 'visit', address: 'albumen://trash' }]);
  expect(where.now).toEqual({ view: 'trash' });
});

test('imports what it was opened with, and shares what it was asked to share', async () => {
  sample.outside.ask([{ kind: 'open', paths: ['/home/mira/a.jpg'] }]);
  await vi.waitFor(() => expect(sample.asked.some(({ name }) => name === 'import')).toBe(true));
  expect(sheets.open).toBeNull();
  sample.outside.ask([{ kind: 'share', paths: ['/home/mira/b.jpg'] }]);
  await vi.waitFor(() => expect(sheets.open).toMatchObject({ kind: 'share' }), 10_000);
});

test('says once where it went', () => {
  sample.outside.hide();
  sample.outside.hide();
  expect(sample.outside.told).toHaveLength(1);
});

test('asks before it quits while visitors are connected', async () => {
  sample.outside.quitWith(2);
  expect(sheets.open).toMatchObject({ kind: 'ask', text: expect.stringContaining('2 visitors') });
  expect(sample.outside.ended).toBe(false);
  if (sheets.open?.kind === 'ask') await sheets.open.confirm();
  expect(sample.outside.ended).toBe(true);
});
