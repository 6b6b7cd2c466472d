/** The public links of the sample library. */
import type { Link } from '../bindings/Link';
import type { TellingPhoto } from '../bindings/TellingPhoto';
import { CallError, type Change, type CommandName } from '../host';
import { missing } from './changes';
import type { Answers } from './host';
import type { SampleLibrary, SampleLink } from './library';
import type { SampleUndo } from './undo';

/** Whether they can be opened is told by `sharing`. */
export type Linking = Exclude<Extract<CommandName, `link.${string}`>, 'link.probe'>;

/** Not a code that a phone reads: the sample library has no addresses to open. */
export function qrLike(): string {
  const squares = Array.from({ length: 29 * 29 }, (_, at) =>
    (at * at * 31 + at * 7) % 5 < 2 ? `M${4 + (at % 29)} ${4 + Math.floor(at / 29)}h1v1h-1z` : '',
  );
  return (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 37 37" shape-rendering="crispEdges">' +
    `<path fill="#fff" d="M0 0h37v37H0z"/><path d="${squares.join('')}"/></svg>`
  );
}

/** Something in the place of a visitor's page: nothing serves the sample library. */
export function pageOf(path: string): string {
  const page = `<!doctype html><title>Sample</title><body style="font: 1rem system-ui; padding: 2rem;
    background: Canvas; color: CanvasText; color-scheme: light dark"><h1>The page of a link</h1>${path}`;
  return `data:text/html,${encodeURIComponent(page)}`;
}

export function linkAnswers(
  library: SampleLibrary,
  undo: SampleUndo,
  announce: (noun: Change['noun'], id?: string) => void,
): Pick<Answers, Linking> {
  const defaults = {
    expires: '30d',
    download: 'screen' as Link['download'],
    show_metadata: false,
    comments: false,
  };

  function shown(id: string) {
    return library.link(id) ?? Promise.reject(missing('link'));
  }
  function changed(id: string, change: (kept: SampleLink) => void) {
    const kept = library.links.get(id);
    if (!kept) throw missing('link');
    change(kept);
    announce('link', id);
    return library.link(id) as never;
  }
  /** Changes which photos were chosen; those that `moves` names. */
  function choose(id: string, moves: string[], did: string, to: (held: string[]) => string[]) {
    const link = library.links.get(id);
    if (!link) throw missing('link');
    const whose = link.label ? `the link for ${link.label}` : 'a link';
    undo.record(`${moves.length} photos ${did} ${whose}`, (back) => {
      const { assets } = link;
      link.assets = to(assets);
      if (link.assets.length !== assets.length) back(() => (link.assets = assets));
    });
    announce('link', id);
  }
  function made(wish: Partial<SampleLink>, expires = defaults.expires) {
    const link = library.makeLink({ ...defaults, ...wish, expires_at: expiry(expires) });
    announce('link', link.id);
    return link;
  }

  /** What the first photos of a link tell that shows it. */
  function telling(id: string, count: number): TellingPhoto[] {
    const kept = library.links.get(id);
    const shown = library.albums.get(kept?.album ?? '')?.assets ?? kept?.assets ?? [];
    return shown.slice(0, Math.min(count, 20)).flatMap((asset, at) => {
      const name = library.assets.get(asset)?.asset.name;
      const what = at % 2 === 0 ? ['location', 'camera', 'time'] : ['camera', 'name', 'time'];
      return name === undefined ? [] : [{ asset, name, what }];
    });
  }

  return {
    'link.create': ({ expires, name, ...wish }) => made({ ...wish, name: name ?? null }, expires),
    'link.each': ({ people, expires, name: _, ...wish }) => ({
      links: people.map((label) => made({ ...wish, label }, expires)),
    }),
    'link.list': (of) => ({
      links: [...library.links.keys()]
        .flatMap((id) => library.link(id) ?? [])
        .filter((link) => of.album === undefined || link.album === of.album)
        .filter((link) => {
          if (of.asset === undefined) return true;
          const album = link.album === null ? undefined : library.albums.get(link.album);
          const { assets } = album ?? library.links.get(link.id) ?? {};
          return (assets?.includes(of.asset) ?? false) && link.state !== 'revoked';
        })
        .reverse(),
    }),
    'link.show': ({ id }) => shown(id),
    'link.edit': ({ id, expires, password, ...rest }) =>
      changed(id, (kept) => {
        Object.assign(kept, rest);
        kept.people_at_most ||= null;
        if (expires !== undefined) kept.expires_at = expiry(expires);
        if (password !== undefined)
          Object.assign(kept, { password, has_password: password !== '' });
      }),
    'link.add': ({ id, assets }) => {
      const before = library.links.get(id)?.assets ?? [];
      choose(id, assets, 'added to', (held) => [...new Set([...held, ...assets])]);
      return {
        changed: assets.filter((one) => !before.includes(one)),
        unchanged: assets.filter((one) => before.includes(one)),
      };
    },
    'link.remove': ({ id, assets }) => {
      const before = library.links.get(id)?.assets ?? [];
      choose(id, assets, 'taken out of', (held) => held.filter((one) => !assets.includes(one)));
      return {
        changed: assets.filter((one) => before.includes(one)),
        unchanged: assets.filter((one) => !before.includes(one)),
      };
    },
    'link.renew': ({ id }) =>
      changed(id, (kept) => {
        kept.key = library.key();
        kept.path = `/share/${kept.key}`;
        kept.url = `http://192.168.1.5:8477${kept.path}`;
        Object.assign(kept, { people: 0, guessed_at: null });
      }),
    'link.free': ({ id }) => changed(id, (kept) => (kept.people = 0)),
    'link.revoke': ({ id }) => changed(id, (kept) => (kept.revoked_at = new Date().toISOString())),
    'link.revoke-all': () => {
      const going = [...library.links.values()].filter((link) => !link.revoked_at);
      for (const link of going) link.revoked_at = new Date().toISOString();
      announce('link');
      return { revoked: going.length };
    },
    'link.defaults': (wish) => Object.assign(defaults, wish),
    'link.numbers': ({ id }) => {
      const { visits = 0, upload = 'none', arrived = 0 } = library.links.get(id) ?? {};
      const added = upload === 'none' ? 0 : 1;
      const hours = (ago: number) => new Date(Date.now() - ago * 3_600_000).toISOString();
      const days = visits > 0 ? [4, 3, 7, 2, 9, 5, 1] : [];
      return {
        days: days.map((count, at) => ({
          day: hours(24 * (days.length - 1 - at)).slice(0, 10),
          visits: count,
          photos: count * 14,
          downloads: count >> 1,
          uploads: added * (count % 4) + (at === days.length - 1 ? arrived : 0),
          comments: at % 3 === 0 ? 1 : 0,
          likes: count >> 2,
        })),
        visits: Array.from({ length: Math.min(visits, 200) }, (_, at) => ({
          began_at: hours(5 * at + 2),
          last_at: hours(5 * at + 2),
          device: ['Safari on an iPhone', 'Chrome on Android', 'Firefox on Linux'][at % 3],
          photos: days[at % days.length] * 6,
          downloads: at % 2,
          uploads: added * (at === 1 ? 6 : 0),
        })),
      };
    },
    'link.qr': async ({ id, to }) => {
      const { url } = await shown(id);
      return {
        url: url ?? '',
        svg: qrLike(),
        blocks: '',
        path: to ?? null,
      };
    },
    'link.check': async ({ id }) => {
      const { count, show_metadata } = await shown(id);
      const told = show_metadata ? count : 0;
      return {
        hides: !show_metadata,
        photos: count,
        files: 3 * count,
        pages: count + 2,
        bytes: 1_900_000 * count,
        locations: told,
        serials: 0,
        cameras: told,
        names: told,
        times: told,
        captions: 0,
        unread: 0,
        telling: telling(id, told),
        cancelled: false,
      };
    },
    'link.concerns': ({ album, assets = [], link = '' }) => {
      const of = library.links.get(link);
      const followed = library.albums.get(album ?? of?.album ?? '');
      const held = followed
        ? library.held(followed).map(({ asset }) => asset.id)
        : (of?.assets ?? assets);
      return {
        title: followed?.title ?? '',
        photos: held.length,
        videos: held.filter((id) => library.assets.get(id)?.asset.kind === 'video').length,
        first: held.slice(0, 6),
        at_home: Math.floor(held.length / 4),
        documents: held.length > 20 ? 2 : 0,
        archived: 0,
        locked: 0,
      };
    },
  };
}

/** The moment that an expiry means; null for never. */
function expiry(wish: string): string | null {
  if (wish === 'never') return null;
  const days = /^(\d+)d$/.exec(wish);
  if (days) return new Date(Date.now() + Number(days[1]) * 86_400_000).toISOString();
  if (Number.isNaN(Date.parse(wish))) throw new CallError('wrong', `«${wish}» is no time.`);
  return wish;
}
