/** How it is told who sees whose library, and what of it is here. */
import type { PartnerCopy } from '../bindings/PartnerCopy';
import type { PartnerLibrary } from '../bindings/PartnerLibrary';
import type { PartnerOffer } from '../bindings/PartnerOffer';
import { called, together } from '../household/words';
import { m } from '../paraglide/messages';
import { keeping } from '../peers/words';
import { ago, date, number, photos, wall } from '../shared/format';

/** «Sees it since 4 May 2026» */
export function standing(offer: PartnerOffer, now: number): string {
  const when = date(offer.decided_at ?? offer.asked_at);
  switch (offer.state) {
    case 'asked':
      return m.partner_asked({ ago: ago(offer.asked_at, now) });
    case 'accepted':
      return m.partner_sees({ date: when });
    case 'declined':
      return m.partner_declined({ date: when });
    case 'ended':
      return m.partner_ended({ date: when });
  }
}

/** «All 420 photos», «212 photos, since 1 Jan 2024»: which photos belong to it. */
function extent({ count, since }: { count: number; since: string | null }): string {
  if (since === null) return m.partner_all({ photos: photos(count) });
  return m.partner_since({ photos: photos(count), date: wall(Date.parse(since), 'date') });
}

/** «All 420 photos, with captions, without albums» */
export function rules(of: Pick<PartnerOffer, 'count' | 'since' | 'captions' | 'albums'>): string {
  const captions = of.captions ? m.partner_with_captions() : m.partner_without_captions();
  const albums = of.albums ? m.partner_with_albums() : m.partner_without_albums();
  return [extent(of), captions, albums].join(', ');
}

/** What came of the machines that had it, once it has ended: «2 of 3 machines confirm…; Phone has not yet.» */
export function receipts(copies: PartnerCopy[]): string {
  const lacking = copies.filter(({ dropped_at }) => dropped_at === null);
  if (copies.length === 0) return m.receipts_none();
  if (lacking.length === 0) return m.receipts_all({ count: copies.length });
  const names = together(lacking.map(({ machine }) => called(machine)));
  const confirmed = copies.length - lacking.length;
  if (confirmed === 0) return m.receipts_waiting({ names });
  const of = { confirmed: number(confirmed), all: number(copies.length), names };
  return m.receipts_some({ ...of, lacking: lacking.length });
}

/** «160 previews kept here, 14.7 MB» */
export function held(of: PartnerLibrary): string {
  const said = keeping(of);
  return said.charAt(0).toLocaleUpperCase() + said.slice(1);
}

/** That none of their machines is there, and what is seen all the same. */
export function away(of: PartnerLibrary): string {
  const who = called(of.person);
  if (of.originals >= of.count || of.previews >= of.count) return m.partner_away_all({ who });
  return of.previews + of.originals > 0
    ? m.partner_away_some({ who, kept: keeping(of) })
    : m.partner_away_none({ who });
}
