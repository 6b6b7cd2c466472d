/** What the household's friends said of an album. */
import type { Comment } from '../bindings/Comment';
import type { SampleLibrary } from './library';

export function speak(library: SampleLibrary, album: string, through: string): void {
  const [first, second] = library.albums.get(album)?.assets ?? [];
  const hours = (ago: number) => new Date(Date.now() - ago * 3_600_000).toISOString();
  const said: [by: string, text: string, asset: string | null, ago: number, unread: boolean][] = [
    ['Grandma', 'How you have all grown! I look at them every evening.', null, 71, false],
    ['Mira', 'We miss you. Next year you come along.', null, 70, false],
    ['Jonas', 'That was the moment before the rain.\nMay I have it as a print?', first, 26, false],
    ['Grandma', 'Who is the one with the red hat?', second, 3, true],
    ['Tante Käthe', 'Wunderschön ❤️', null, 1, true],
  ];
  for (const [by, text, asset, ago, unread] of said) {
    const mine = by === 'Mira';
    const comment: Comment = {
      id: library.id('comment'),
      album,
      link: null,
      asset: asset ?? null,
      by,
      mine,
      text,
      made_at: hours(ago),
      unread,
      through: mine ? null : through,
      edited: false,
      waits: false,
    };
    library.comments.push(comment);
  }
}
