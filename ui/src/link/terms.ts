/** The terms of a link as the share sheet edits them, and as the node wants them. */
import type { Commands } from '../bindings/commands';
import type { Link } from '../bindings/Link';
import type { LinkDefaults } from '../bindings/LinkDefaults';
import { m } from '../paraglide/messages';

/** How long a link lives, as the node wants it (`30d`, `12h`, `never`), or `date`. */
export type Until = string;
export type Download = Link['download'];
export type Upload = Link['upload'];

/** What a link takes in at most, as a sheet edits it. */
export type UploadTerms = {
  upload: Upload;
  /** What visitors add enters the library without a question. */
  autoAccept: boolean;
  /** At most so many files, and so many gigabytes. */
  uploadFiles: number;
  uploadSpace: number;
};

const gigabyte = 1e9;

export type Terms = UploadTerms & {
  label: string;
  until: Until;
  /** yyyy-mm-dd, when `until` is a date: the link ends when that day does. */
  date: string;
  password: string;
  /** A password is set and is to stay as it is. */
  keepPassword: boolean;
  download: Download;
  details: boolean;
  /** Visitors may comment and like. */
  comments: boolean;
  /** A few words to the visitors. */
  description: string;
  /** For `/s/<name>`; empty for none. */
  name: string;
  /** That name may go without a password. */
  guessable: boolean;
  /** For how many people it is; empty for any number. */
  seats: string;
  /** People, one to a line: each gets a link of their own. */
  people: string;
};

export const shortestPassword = 8;
/** A link is for so many people at most. */
export const mostSeats = 10_000;

/** A length as the node writes it: how many, and whether hours or days. */
function lengthOf(until: string): { count: number; unit: string } | null {
  const [, count, unit] = /^(\d+)([dh])$/.exec(until) ?? [];
  return count && unit ? { count: +count, unit } : null;
}

/** How long, as a sheet offers it: `usual`, too, which the command may have set to any length. */
export function untils(usual?: string): { value: Until; text: string }[] {
  const offered = [
    { value: '7d', text: m.share_days({ count: 7 }) },
    { value: '30d', text: m.share_days({ count: 30 }) },
    { value: '365d', text: m.share_years({ count: 1 }) },
    { value: 'never', text: m.share_never() },
  ];
  const length = lengthOf(usual ?? '');
  if (!usual || !length || offered.some(({ value }) => value === usual)) return offered;
  const { count, unit } = length;
  const text = unit === 'h' ? m.share_hours({ count }) : m.share_days({ count });
  return [{ value: usual, text }, ...offered];
}

/** What visitors may download, as a sheet offers it. */
export function downloads(): { value: Download; text: string }[] {
  return [
    { value: 'none', text: m.may_look() },
    { value: 'screen', text: m.may_save_screen() },
    { value: 'original', text: m.may_save_originals() },
  ];
}

/** What visitors may add, as a sheet edits it. */
export function uploadsOf(
  of?: Pick<Link, 'upload' | 'auto_accept' | 'upload_files' | 'upload_bytes'>,
): UploadTerms {
  return {
    upload: of?.upload ?? 'none',
    autoAccept: of?.auto_accept ?? false,
    uploadFiles: of?.upload_files ?? 2000,
    uploadSpace: Math.round(((of?.upload_bytes ?? 10 * gigabyte) / gigabyte) * 10) / 10,
  };
}

/** Of what visitors may add, what differs from how it was; all of it where nothing was before. */
export function uploadWish(now: UploadTerms, before?: UploadTerms) {
  const wish: Pick<
    Commands['link.edit']['payload'],
    'upload' | 'auto_accept' | 'upload_files' | 'upload_bytes'
  > = {};
  if (now.upload !== before?.upload) wish.upload = now.upload;
  if (now.upload === 'none') return wish;
  if (now.autoAccept !== before?.autoAccept) wish.auto_accept = now.autoAccept;
  if (now.uploadFiles !== before?.uploadFiles) wish.upload_files = now.uploadFiles;
  if (now.uploadSpace !== before?.uploadSpace)
    wish.upload_bytes = Math.round(now.uploadSpace * gigabyte);
  return wish;
}

/** The terms of a new link, as the settings say. */
export function fresh(defaults?: LinkDefaults): Terms {
  return {
    label: '',
    until: defaults?.expires ?? '30d',
    date: '',
    password: '',
    keepPassword: false,
    download: defaults?.download ?? 'screen',
    details: defaults?.show_metadata ?? false,
    comments: defaults?.comments ?? false,
    description: '',
    name: '',
    guessable: false,
    seats: '',
    people: '',
    ...uploadsOf(),
  };
}

export function termsOf(link: Link): Terms {
  return {
    label: link.label,
    until: link.expires_at === null ? 'never' : 'date',
    date: link.expires_at === null ? '' : dayOf(new Date(link.expires_at)),
    password: '',
    keepPassword: link.has_password,
    download: link.download,
    details: link.show_metadata,
    comments: link.comments,
    description: link.description,
    name: link.name ?? '',
    guessable: link.guessable,
    seats: String(link.people_at_most ?? ''),
    people: '',
    ...uploadsOf(link),
  };
}

/** A moment's day on the reader's calendar, as a date field wants it. */
export function dayOf(moment: Date): string {
  const pad = (n: number) => String(n).padStart(2, '0');
  return `${moment.getFullYear()}-${pad(moment.getMonth() + 1)}-${pad(moment.getDate())}`;
}

/** What keeps these terms from being used, as a sentence; empty when nothing does. */
export function objection(terms: Terms, now: Date): string {
  if (terms.until === 'date' && !/^\d{4}-\d\d-\d\d$/.test(terms.date)) return m.share_bad_date();
  if (terms.until === 'date' && terms.date < dayOf(now)) return m.share_past_date();
  if (terms.password !== '' && [...terms.password].length < shortestPassword)
    return m.share_short_password({ least: shortestPassword });
  if (terms.name !== '' && !/^[a-z\d-]{3,64}$/.test(terms.name)) return m.share_bad_name();
  const locked = terms.password !== '' || terms.keepPassword;
  if (terms.name !== '' && !locked && !terms.guessable) return m.share_name_open();
  const seats = terms.seats.trim();
  if (seats !== '' && (!/^\d+$/.test(seats) || +seats < 1 || +seats > mostSeats))
    return m.share_bad_seats({ most: mostSeats });
  const bounded = terms.uploadFiles >= 1 && terms.uploadSpace > 0;
  if (terms.upload !== 'none' && !bounded) return m.share_bad_limit();
  return '';
}

/** When a link of these terms ends that is made now; null for never, or where no date is chosen. */
export function endOf(terms: Terms, now: Date): string | null {
  const length = lengthOf(terms.until);
  if (length) {
    const hours = length.count * (length.unit === 'h' ? 1 : 24);
    return new Date(now.getTime() + hours * 3_600_000).toISOString();
  }
  return terms.until === 'date' && objection(terms, now) === '' ? expires(terms) : null;
}

/** For how many people a link of these terms is; 0 for any number. */
export function seatsOf({ seats }: Terms): number {
  return Math.trunc(Number(seats)) || 0;
}

function expires(terms: Terms): string {
  if (terms.until !== 'date') return terms.until;
  const [year, month, day] = terms.date.split('-').map(Number);
  return new Date(year, month - 1, day, 23, 59, 59).toISOString();
}

export function creation(
  subject: { album: string } | { assets: string[] },
  terms: Terms,
): Commands['link.create']['payload'] {
  return {
    ...subject,
    ...(terms.label.trim() ? { label: terms.label.trim() } : {}),
    ...(terms.password ? { password: terms.password } : {}),
    expires: expires(terms),
    download: terms.download,
    show_metadata: terms.details,
    comments: terms.comments,
    ...uploadWish(terms),
    ...(terms.description.trim() ? { description: terms.description.trim() } : {}),
    ...(terms.name ? { name: terms.name, guessable: terms.guessable } : {}),
    ...(seatsOf(terms) > 0 ? { people_at_most: seatsOf(terms) } : {}),
  };
}

/** The people that each get a link of their own. */
export function peopleOf({ people }: Terms): string[] {
  return people
    .split('\n')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/** Only what differs: an absent field changes nothing. */
export function change(link: Link, terms: Terms): Commands['link.edit']['payload'] {
  const before = termsOf(link);
  const wish: Commands['link.edit']['payload'] = { id: link.id };
  if (terms.label.trim() !== before.label) wish.label = terms.label.trim();
  if (terms.until !== before.until || terms.date !== before.date) wish.expires = expires(terms);
  if (terms.password !== '') wish.password = terms.password;
  else if (link.has_password && !terms.keepPassword) wish.password = '';
  if (terms.download !== before.download) wish.download = terms.download;
  if (terms.details !== before.details) wish.show_metadata = terms.details;
  if (terms.comments !== before.comments) wish.comments = terms.comments;
  if (terms.description.trim() !== before.description) wish.description = terms.description.trim();
  if (terms.name !== before.name) wish.name = terms.name;
  if (terms.guessable !== before.guessable) wish.guessable = terms.guessable;
  if (seatsOf(terms) !== seatsOf(before)) wish.people_at_most = seatsOf(terms);
  return { ...wish, ...uploadWish(terms, before) };
}

/** Twelve letters and digits that no one mixes up, in three groups: 59 bits, easy to read aloud. */
export function newPassword(random: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array): string {
  const letters = 'abcdefghjkmnpqrstuvwxyz23456789';
  let made = '';
  while (made.length < 14) {
    for (const byte of random(new Uint8Array(16))) {
      // Values past the last whole multiple would favour the first letters.
      if (byte >= 248 || made.length >= 14) continue;
      if (made.length === 4 || made.length === 9) made += '-';
      made += letters[byte % letters.length];
    }
  }
  return made;
}
