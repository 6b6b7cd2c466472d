/** How people, roles and what they did are told. */
import type { AlbumSharing } from '../bindings/AlbumSharing';
import type { Named } from '../bindings/Named';
import type { Notice } from '../bindings/Notice';
import { m } from '../paraglide/messages';
import { nameOf } from '../safety/words';
import { photos } from '../shared/format';
import { dialect } from '../shared/language';

export function called({ name }: Named): string {
  return name.trim() === '' ? m.somebody() : name;
}

/** The first letters of a name, for a circle. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/u).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words[words.length - 1]] : words;
  return letters.map((word) => [...word][0].toLocaleUpperCase()).join('') || '·';
}

/** People as a sentence counts them up: two of many, and how many more. */
export function together(names: string[]): string {
  const shown = names.length > 3 ? names.slice(0, 2) : names;
  const more = names.length - shown.length;
  const parts = more > 0 ? [...shown, m.people_more({ count: more })] : shown;
  return new Intl.ListFormat(dialect, { type: 'conjunction' }).format(parts);
}

export const roleText = (role: 'editor' | 'viewer' | null): string =>
  role === 'editor' ? m.role_editor() : m.role_viewer();

/** Whether one may put photos into an album. */
export const mayAdd = ({ owner, role }: AlbumSharing): boolean =>
  owner === null || role === 'editor';

/** Whether another's album only lives here, for its owner: nobody here changes anything of it. */
export const isLodger = ({ owner, role }: AlbumSharing): boolean => owner !== null && role === null;

/** The machine for which what is put into an album waits, as a sentence ends; none: this one. */
export function waitsFor({ owner, lives_on }: AlbumSharing): string | undefined {
  if (lives_on) return nameOf(lives_on, false);
  return owner ? m.machine_of({ who: called(owner) }) : undefined;
}

/** A notice as a sentence. */
export function told(notice: Notice): string {
  const parts = { who: called(notice.person), album: notice.album?.name ?? '' };
  switch (notice.kind) {
    case 'asked':
      return m.news_asked(parts);
    case 'joined':
      return m.news_joined(parts);
    case 'declined':
      return m.news_declined(parts);
    case 'left':
      return m.news_left(parts);
    case 'removed':
      return m.news_removed(parts);
    case 'added':
      return m.news_added({ ...parts, photos: photos(notice.count) });
    case 'taken':
      return m.news_taken({ ...parts, photos: photos(notice.count) });
    case 'comment':
      return m.news_comment(parts);
    case 'mention':
      return m.news_mention(parts);
    case 'like':
      return m.news_like(parts);
    case 'refused':
      return m.news_refused(parts);
    case 'heir':
      return m.news_heir(parts);
    case 'moved':
      return m.news_moved(parts);
    case 'stays':
      return m.news_stays({ ...parts, names: notice.text });
    case 'library_offered':
      return m.news_library_offered(parts);
    case 'library_accepted':
      return m.news_library_accepted(parts);
    case 'library_declined':
      return m.news_library_declined(parts);
    case 'library_ended':
      return m.news_library_ended(parts);
  }
}
