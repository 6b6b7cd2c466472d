/** What is said of another machine: whether it is there, and what of it is here. */
import type { HostedLinks } from '../bindings/HostedLinks';
import type { Invite } from '../bindings/Invite';
import type { Machine } from '../bindings/Machine';
import type { ServedLinks } from '../bindings/ServedLinks';
import { m } from '../paraglide/messages';
import { ago, number, size } from '../shared/format';

const ways = { local: m.peer_local, direct: m.peer_direct, relay: m.peer_relay };

/** «On this network», «Through your relay», «Last seen 2 hours ago. Attic stands in for it» */
export function presence(of: Machine, now: number): string {
  if (of.is_online) return of.path === null ? m.peer_here() : ways[of.path]();
  if (of.seen_at === null) return m.peer_never();
  const seen = ago(of.seen_at, now);
  return of.spoken_for === null
    ? m.peer_seen({ ago: seen })
    : m.peer_spoken_for({ ago: seen, name: of.spoken_for });
}

/** «12,480 photos known, 12,480 previews and 310 originals kept here, 3.1 GB» */
export function holding(of: Machine, owner: 'me' | 'partner' | 'other'): string {
  if (of.assets === 0)
    return {
      me: m.peer_knows_none,
      partner: m.peer_is_partners,
      other: m.peer_shares_none,
    }[owner]();
  return `${m.peer_knows({ count: of.assets })}, ${keeping(of)}`;
}

/** «12,480 previews and 310 originals kept here, 3.1 GB» */
export function keeping(of: Pick<Machine, 'previews' | 'originals' | 'kept_bytes'>): string {
  const { previews, originals, kept_bytes } = of;
  const parts = [
    previews > 0 ? m.peer_previews({ count: previews }) : '',
    originals > 0 ? m.peer_originals({ count: originals }) : '',
  ].filter((part) => part !== '');
  if (parts.length === 0) return m.peer_keeps_none();
  const what = parts.length > 1 ? m.peer_and({ one: parts[0], other: parts[1] }) : parts[0];
  return m.peer_keeps({ what, size: size(kept_bytes) });
}

/** «Stands in for this machine: serves your links at https://photos.example.org, …» */
export function serving({ address }: ServedLinks): string {
  return address === null ? m.serve_asked() : m.serve_at({ address });
}

/** «Its 3 links and what it shares are served here: 240 photos, 240 originals kept; 12 files of
 * visitors wait for it» */
export function hosting(hosts: HostedLinks): string {
  const { asked, links, photos, originals, uploads, parcels } = hosts;
  if (!asked) return m.host_allowed();
  const what = { count: links, photos: number(photos), originals: number(originals) };
  const told = [m.host_here(what)];
  if (uploads > 0) told.push(m.host_waiting({ count: uploads }));
  if (parcels > 0) told.push(m.host_parcels({ count: parcels }));
  return told.join('; ');
}

/** What is kept here, from least to most. */
export const keeps: Machine['keep'][] = ['nothing', 'previews', 'originals'];

/** How many more minutes an invitation is open; 0 when it is over. */
export function minutesLeft({ expires_at }: Invite, now: number): number {
  return Math.max(0, Math.ceil((Date.parse(expires_at) - now) / 60_000));
}
