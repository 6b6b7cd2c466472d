/** What is said of what waits: from whom, how much, what is known of it, and what is offered. */
import type { Accepted } from '../bindings/Accepted';
import type { Asset } from '../bindings/Asset';
import type { InboxGroup } from '../bindings/InboxGroup';
import type { InboxUpload } from '../bindings/InboxUpload';
import type { OfferedPlace } from '../bindings/OfferedPlace';
import { m } from '../paraglide/messages';
import { coordinates, fileKind, holdings, number, size, wall, wallClock } from '../shared/format';
import type { IconName } from '../shared/icons';

const videosOf = (uploads: InboxUpload[]) => uploads.filter(({ kind }) => kind === 'video').length;

/** «12 photos, 340 MB» */
export function amount(uploads: InboxUpload[]): string {
  const bytes = uploads.reduce((sum, one) => sum + one.bytes, 0);
  return `${held(uploads)}, ${size(bytes)}`;
}

/** «12 photos, 3 videos» */
export function held(uploads: InboxUpload[]): string {
  return holdings(uploads.length, videosOf(uploads));
}

/** «from Anna» */
export function sender({ name }: Pick<InboxGroup, 'name'>): string {
  return name ? m.inbox_from({ name }) : m.inbox_from_nobody();
}

export type Mark = { icon: IconName; text: string; why: string };

/** What tells an upload from a plain new photo, the weightiest first. */
export function marks(of: InboxUpload): Mark[] {
  const found: Mark[] = [];
  if (of.kind === null)
    found.push({ icon: 'search', text: m.mark_looking(), why: m.mark_looking_why() });
  if (of.known !== null)
    found.push({ icon: 'check', text: m.mark_known(), why: m.mark_known_why() });
  else if (of.alike.length > 0)
    found.push({ icon: 'copy', text: m.mark_alike(), why: m.mark_alike_why() });
  if (of.unseen !== null) found.push({ icon: 'warning', text: m.mark_unseen(), why: of.unseen });
  if (of.offered_place !== null)
    found.push({ icon: 'place', text: m.mark_no_place(), why: offer(of) });
  if (of.offered_time !== null)
    found.push({ icon: 'calendar', text: m.mark_no_time(), why: offer(of) });
  return found;
}

/** Whether a place or a time is offered that it lacks. */
export function isOffered(of: InboxUpload): boolean {
  return of.offered_place !== null || of.offered_time !== null;
}

/** «Cortina, as photos taken around then; 3 Oct 2026, 17:20» */
export function offer(of: InboxUpload): string {
  const parts = [
    of.offered_place ? m.offer_place({ place: placeName(of.offered_place) }) : '',
    of.offered_time ? m.offer_time({ time: moment(of.offered_time) }) : '',
  ];
  return parts.filter((part) => part !== '').join('; ');
}

/** What filling in would do to these: «Cortina, as photos taken around then; 1 date». */
export function offers(uploads: InboxUpload[]): string {
  const places = uploads.flatMap(({ offered_place }) =>
    offered_place ? placeName(offered_place) : [],
  );
  const [first, ...others] = new Set(places);
  const times = uploads.filter(({ offered_time }) => offered_time !== null);
  const parts = [
    first === undefined
      ? ''
      : others.length > 0
        ? m.offer_places({ place: first, count: others.length })
        : m.offer_place({ place: first }),
    times.length > 0 ? m.offer_times({ count: times.length }) : '',
  ];
  return parts.filter((part) => part !== '').join('; ');
}

function placeName({ name, latitude, longitude }: OfferedPlace): string {
  return name || coordinates(latitude, longitude);
}

function moment(time: string): string {
  const ms = wallClock(time);
  return `${wall(ms, 'date')}, ${wall(ms, 'time')}`;
}

export type Fact = { name: string; text: string; differs: boolean };

type Told = Pick<InboxUpload, 'width' | 'height' | 'bytes' | 'taken_at'> & { file: string };

const facts: [name: () => string, of: (told: Told) => string][] = [
  [m.fact_size, ({ width, height }) => (width && height ? `${width} × ${height}` : '–')],
  [m.fact_file, ({ file, bytes }) => [file, size(bytes)].filter(Boolean).join(', ')],
  [m.fact_taken, ({ taken_at }) => (taken_at === null ? m.fact_no_date() : moment(taken_at))],
];

export function toldOf(of: InboxUpload | Asset): Told {
  const end = /\.(\w{2,4})$/.exec(of.name)?.[1].toUpperCase() ?? '';
  const ending = end === 'JPG' ? 'JPEG' : end;
  return { ...of, file: 'mime' in of ? fileKind(of.mime) : ending };
}

/** What is known of one of two, and whether that differs from the other. */
export function factsOf(one: Told, other: Told | null): Fact[] {
  return facts.map(([name, of]) => {
    const text = of(one);
    return { name: name(), text, differs: other !== null && of(other) !== text };
  });
}

/** What came of taking some in, of which `known` were here before: «12 added, 2 in it already». */
export function acceptedWords({ accepted, known }: Pick<Accepted, 'accepted' | 'known'>): string {
  if (known === 0) return m.did_accept({ count: accepted });
  if (known === accepted) return m.did_accept_known({ count: known });
  return m.did_accept_some({ count: accepted - known, known: number(known) });
}
