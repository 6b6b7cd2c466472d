import { expect, it } from 'vitest';
import type { Invite } from '../bindings/Invite';
import type { Machine } from '../bindings/Machine';
import { holding, minutesLeft, presence } from './words';

const now = Date.UTC(2026, 10, 26, 18);
const attic: Machine = {
  id: 'machine-1',
  name: 'Attic',
  is_online: true,
  path: 'local',
  address: '192.168.1.23:4919',
  lanes: true,
  seen_at: '2026-11-26T17:59:00Z',
  mirrors: [],
  spoken_for: null,
  typed: null,
  keep: 'originals',
  in_timeline: false,
  assets: 12_480,
  previews: 12_480,
  originals: 310,
  kept_bytes: 3_100_000_000,
  waiting: 0,
  refused: 0,
  complete_at: null,
  serves: null,
  hosts: null,
  trouble: null,
};

it('says how a machine is reached, or when it was last there', () => {
  expect(presence(attic, now)).toBe('On this network');
  expect(presence({ ...attic, path: 'direct' }, now)).toBe('Connected over the internet');
  expect(presence({ ...attic, path: 'relay' }, now)).toBe('Through your relay');
  expect(presence({ ...attic, path: null }, now)).toBe('Connected');
  const away = { ...attic, is_online: false, path: null };
  const seen = (seen_at: string | null) => presence({ ...away, seen_at }, now);
  expect(seen('2026-11-26T16:00:00Z')).toBe('Last seen 2 hours ago');
  expect(seen('2026-11-25T16:00:00Z')).toBe('Last seen yesterday');
  expect(seen(null)).toBe('Not met yet');
  const behind = { ...away, seen_at: '2026-11-26T16:00:00Z', spoken_for: 'Attic' };
  expect(presence(behind, now)).toBe('Last seen 2 hours ago. Attic stands in for it');
});

it('says how much of it is known, and how much is kept here', () => {
  expect(holding(attic, 'me')).toBe(
    '12,480 photos known, 12,480 previews and 310 originals kept here, 3.1 GB',
  );
  expect(holding({ ...attic, originals: 0, kept_bytes: 900_000_000 }, 'me')).toBe(
    '12,480 photos known, 12,480 previews kept here, 900 MB',
  );
  expect(holding({ ...attic, assets: 1, previews: 0, originals: 1, kept_bytes: 4e6 }, 'me')).toBe(
    '1 photo known, 1 original kept here, 4 MB',
  );
  expect(holding({ ...attic, previews: 0, originals: 0 }, 'me')).toBe(
    '12,480 photos known, nothing of them kept here',
  );
});

it('tells a machine of one’s own that has told nothing from someone else’s that shares nothing', () => {
  const none = { ...attic, assets: 0, previews: 0, originals: 0 };
  expect(holding(none, 'me')).toBe('None of its photos is known here yet');
  expect(holding(none, 'other')).toBe('Nothing of it is shared with you');
  expect(holding(none, 'partner')).toBe('Its photos are under Partners');
});

it('counts an invitation’s last minute as one, and none after it', () => {
  const invite = (expires_at: string) => ({ expires_at }) as Invite;
  expect(minutesLeft(invite('2026-11-26T18:09:30Z'), now)).toBe(10);
  expect(minutesLeft(invite('2026-11-26T18:00:01Z'), now)).toBe(1);
  expect(minutesLeft(invite('2026-11-26T17:59:59Z'), now)).toBe(0);
});
