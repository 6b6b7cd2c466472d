import { expect, it } from 'vitest';
import type { PartnerCopy } from '../bindings/PartnerCopy';
import type { PartnerLibrary } from '../bindings/PartnerLibrary';
import { address, read, type Place } from '../views/place.svelte';
import { isDated, keyOf, question } from '../timeline/scope';
import { away, receipts, rules } from './words';

const copy = (name: string, dropped: boolean): PartnerCopy => ({
  machine: { id: name, name },
  since: '2026-05-03T10:00:00Z',
  dropped_at: dropped ? '2026-11-03T10:00:00Z' : null,
});

it('says which machines have confirmed, and which have not', () => {
  expect(receipts([])).toBe('No machine had any of it.');
  expect(receipts([copy('Desk', true)])).toMatch(/^Its machine has confirmed/);
  expect(receipts([copy('Desk', true), copy('Pad', true)])).toMatch(/^All 2 machines/);
  expect(receipts([copy('Phone', false)])).toMatch(/^No machine has confirmed yet.*: Phone\.$/);
  const two = [copy('Desk', true), copy('Pad', true), copy('Phone', false)];
  expect(receipts(two)).toMatch(/^2 of 3 machines have confirmed .*; Phone has not yet\.$/);
  const one = [copy('Desk', true), copy('Pad', false), copy('Phone', false)];
  expect(receipts(one)).toMatch(/^1 of 3 .*; Pad and Phone have not yet\.$/);
});

it('says what belongs to it', () => {
  const all = { count: 420, since: null, captions: true, albums: true };
  expect(rules(all)).toBe('All 420 photos, with captions, with albums');
  const some = { count: 1, since: '2024-01-01', captions: false, albums: false };
  expect(rules(some)).toMatch(/^1 photo, since 1 Jan 2024|Jan 1, 2024/);
  expect(rules(some)).toMatch(/without captions, without albums$/);
});

it('says what is seen while nobody is there', () => {
  const kept = (previews: number, originals = 0) =>
    away({
      person: { id: 'p', name: 'Anna' },
      count: 10,
      previews,
      originals,
      kept_bytes: 90_000,
    } as PartnerLibrary);
  expect(kept(10)).toMatch(/All previews are kept here/);
  expect(kept(4, 1)).toMatch(/4 previews and 1 original kept here, 90 kB\. The rest/);
  expect(kept(0)).toMatch(/nothing is kept here/);
});

it('every part of a library has an address of its own', () => {
  const places: Place[] = [
    { view: 'partners' },
    { view: 'partner', id: 'a b', part: 'timeline' },
    { view: 'partner', id: '7', part: 'albums' },
    { view: 'partner', id: '7', part: 'album', album: 'x/y' },
    { view: 'partner', id: '7', part: 'map' },
    { view: 'partner', id: '7', part: 'search', wish: { words: 'kiel & more', type: 'video' } },
  ];
  for (const place of places) expect(read(address(place))).toEqual(place);
  expect(read('#/partners/7/elsewhere')).toEqual({ view: 'partner', id: '7', part: 'timeline' });
});

it('the node is asked for exactly that part', () => {
  const scope = { kind: 'partner' as const, partner: '7' };
  expect(question(scope)).toEqual({ partner: '7' });
  expect(question({ ...scope, album: 'a' })).toEqual({ partner: '7', partner_album: 'a' });
  expect(question({ ...scope, area: '1,2,3,4' })).toEqual({ partner: '7', area: '1,2,3,4' });
  // One's own albums are none of theirs.
  const wish = { words: 'kiel', album: 'a', type: 'video' as const };
  expect(question({ ...scope, wish })).toEqual({
    query: 'kiel',
    type: 'video',
    partner: '7',
    partner_album: 'a',
  });
  const keys = [scope, { ...scope, album: 'a' }, { ...scope, area: 'a' }, { ...scope, wish }];
  expect(new Set(keys.map(keyOf)).size).toBe(4);
  expect(keys.map(isDated)).toEqual([true, false, true, true]);
});
