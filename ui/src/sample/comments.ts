/** What people said of the sample library's photos. */
import type { Comment } from '../bindings/Comment';
import type { Change, CommandName } from '../host';
import { missing } from './changes';
import type { Answers } from './host';
import type { SampleLibrary } from './library';
import type { SampleUndo } from './undo';

type Commenting = Extract<CommandName, `comment.${string}`>;
type Asked = { album?: string; link?: string; asset?: string };

export function commentAnswers(
  library: SampleLibrary,
  undo: SampleUndo,
  announce: (noun: Change['noun'], id?: string) => void,
): Pick<Answers, Commenting> {
  /** A link that follows an album has its album's. */
  function place({ album, link }: Asked) {
    const of = link === undefined ? undefined : library.links.get(link);
    if (link !== undefined && !of) throw missing('link');
    if (of?.album) return { album: of.album, link: undefined };
    return { album, link };
  }
  function found(asked: Asked): Comment[] {
    const { album, link } = place(asked);
    return library.comments
      .filter((one) => album === undefined || one.album === album)
      .filter((one) => link === undefined || one.link === link)
      .filter((one) => asked.asset === undefined || one.asset === asked.asset);
  }

  return {
    'comment.edit': ({ id, text }) => {
      const one = library.comments.find((comment) => comment.id === id);
      if (!one) throw missing('comment');
      Object.assign(one, { text, edited: true });
      announce('activity');
      return {};
    },
    'comment.list': ({ limit = 200, before, unread = false, ...asked }) => {
      const all = found(asked).filter((one) => !unread || one.unread);
      const end = before === undefined ? all.length : all.findIndex(({ id }) => id === before);
      const { album, link } = place(asked);
      const key = `${album ?? link} ${asked.asset ?? ''}`;
      const mine = library.likes.has(key);
      const likers = [...(mine ? ['Mira'] : []), ...(all.length > 0 ? ['Grandma', 'Jonas'] : [])];
      return {
        likes: likers.length,
        likers,
        liked: mine,
        count: all.length,
        unread: all.filter((one) => one.unread).length,
        comments: all.slice(Math.max(0, end - limit), end).map((one) => ({ ...one })),
        earlier: end > limit,
      };
    },
    'comment.add': ({ text, ...asked }) => {
      const { album, link } = place(asked);
      const id = library.id('comment');
      library.comments.push({
        id,
        album: album ?? null,
        link: link ?? null,
        asset: asked.asset ?? null,
        by: 'Mira',
        mine: true,
        text,
        made_at: new Date().toISOString(),
        unread: false,
        through: null,
        edited: false,
        waits: false,
      });
      announce('activity');
      return { id };
    },
    'comment.like': ({ take_back = false, ...asked }) => {
      const { album, link } = place(asked);
      const key = `${album ?? link} ${asked.asset ?? ''}`;
      if (take_back) library.likes.delete(key);
      else library.likes.add(key);
      announce('activity');
      return {};
    },
    'comment.remove': ({ ids }) => {
      const going = new Set(ids);
      if (ids.some((id) => !library.comments.some((one) => one.id === id)))
        throw missing('comment');
      const before = library.comments;
      undo.record(
        ids.length === 1 ? '1 comment deleted' : `${ids.length} comments deleted`,
        (back) => {
          library.comments = before.filter(({ id }) => !going.has(id));
          back(() => {
            library.comments = before;
          });
        },
      );
      announce('activity');
      return {};
    },
    'comment.read': (asked) => {
      const read = found(asked).filter((one) => one.unread);
      for (const one of read) one.unread = false;
      if (read.length > 0) announce('activity');
      return {};
    },
  };
}
