/** What visitors sent to the sample library, and what is done with it. */
import type { Accepted } from '../bindings/Accepted';
import type { InboxGroup } from '../bindings/InboxGroup';
import type { InboxUpload } from '../bindings/InboxUpload';
import type { Change, CommandName } from '../host';
import type { Answers } from './host';
import type { SampleLibrary } from './library';
import { painted, seeded, type SamplePicture } from './pictures';
import type { SampleUndo } from './undo';

type Inbox = Extract<CommandName, `inbox.${string}`>;

export type SampleUpload = InboxUpload & {
  link: string;
  visitor: string;
  from: string;
  picture: SamplePicture;
};

/** A visitor's photo, taken so many minutes before now. */
function upload(
  library: SampleLibrary,
  link: string,
  from: string,
  number: number,
  more: Partial<SampleUpload> = {},
): SampleUpload {
  const picture = more.picture ?? painted(number + 700);
  const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
  return {
    id: library.id('upload'),
    link,
    visitor: [...from.padEnd(8, '-')].map((letter) => letter.charCodeAt(0).toString(16)).join(''),
    from,
    picture,
    name: `PXL_${20261121 + number}.jpg`,
    kind: 'photo',
    bytes: 2_100_000 + Math.round(seeded(number)() * 3_900_000),
    width: picture.width,
    height: picture.height,
    duration_ms: null,
    taken_at: ago(3000 + 11 * number).replace(/\.\d+Z/, '+01:00'),
    thumbhash: picture.thumbhash,
    received_at: ago(50),
    unseen: null,
    known: null,
    alike: [],
    offered_place: null,
    offered_time: null,
    ...more,
  };
}

const cortina = { name: 'Cortina d’Ampezzo, Italy', latitude: 46.5405, longitude: 12.1357 };

/** What a full inbox holds: two visitors of one album, one of them without a name. */
export function waitingUploads(library: SampleLibrary): SampleUpload[] {
  const link = [...library.links.values()].find((one) => one.upload !== 'none')?.id ?? '';
  const mine = library.held(
    library.albums.get(library.links.get(link)?.album ?? '') ?? { assets: [] },
  );
  const special: Partial<SampleUpload>[] = [
    {},
    {
      alike: [mine[1].asset.id],
      picture: mine[1].picture,
      width: 1600,
      height: Math.round((1600 * mine[1].picture.height) / mine[1].picture.width),
      bytes: 312_000,
    },
    { offered_place: cortina },
    {
      kind: 'video',
      name: 'VID_0042.mp4',
      duration_ms: 14_200,
      bytes: 31_000_000,
      picture: painted(105),
    },
    { known: mine[2].asset.id, picture: mine[2].picture },
    { taken_at: null, offered_place: cortina, offered_time: '2026-10-03T17:20:00+02:00' },
    { unseen: 'The file ends in the middle of the picture.', thumbhash: '', name: 'IMG_0311.HEIC' },
    { offered_place: cortina },
  ];
  const anna = Array.from({ length: 12 }, (_, at) =>
    upload(library, link, 'Anna', at, special[at]),
  );
  const nobody = Array.from({ length: 4 }, (_, at) =>
    upload(
      library,
      link,
      '',
      at + 40,
      at === 3 ? { kind: null, thumbhash: '', width: 0, height: 0, taken_at: null } : {},
    ),
  );
  return [...anna, ...nobody];
}

type Announce = (noun: Change['noun'], id?: string) => void;

/** Puts what was sent into the library and the link's album. */
function enter(library: SampleLibrary, one: SampleUpload, fill: boolean): string {
  if (one.known !== null) return one.known;
  const at = Date.parse((fill && one.offered_time) || one.taken_at || one.received_at);
  const id = library.add(at, seeded(library.assets.size));
  const made = library.assets.get(id);
  if (made) {
    const { name, kind, bytes, width, height, duration_ms, unseen, from, picture } = one;
    const place = fill && one.offered_place;
    const through = library.albums.get(library.links.get(one.link)?.album ?? '')?.title;
    Object.assign(made, { picture, original: picture, through });
    Object.assign(made.asset, {
      name,
      kind: kind ?? 'photo',
      bytes,
      width,
      height,
      duration_ms,
      unseen,
    });
    Object.assign(made.asset, { contributor: from, favorite: false, motion: null });
    Object.assign(made.asset, {
      place: place ? place.name : null,
      latitude: place ? place.latitude : null,
      longitude: place ? place.longitude : null,
    });
  }
  return id;
}

/** A function that has photos come in, as a link with uploads would. */
export function arriving(library: SampleLibrary, announce: Announce) {
  return (link: string, from: string, count: number): void => {
    const came = Array.from({ length: count }, (_, at) =>
      upload(library, link, from, library.uploads.length + library.assets.size + at),
    );
    const kept = library.links.get(link);
    if (kept) kept.arrived += count;
    const album = library.albums.get(kept?.album ?? '');
    if (kept?.auto_accept) for (const one of came) album?.assets.push(enter(library, one, false));
    else library.uploads.push(...came);
    announce('inbox');
    if (album && kept?.auto_accept) announce('album', album.id);
  };
}

export function inboxAnswers(
  library: SampleLibrary,
  undo: SampleUndo,
  announce: Announce,
): Pick<Answers, Inbox> {
  const photos = (count: number) => (count === 1 ? '1 photo' : `${count} photos`);

  function groups(link?: string): InboxGroup[] {
    const found = new Map<string, InboxGroup>();
    for (const one of library.uploads) {
      if (link !== undefined && one.link !== link) continue;
      const { picture: _, link: through, visitor, from, ...shown } = one;
      const key = `${through} ${visitor}`;
      const of = library.link(through);
      const group = found.get(key) ?? {
        link: through,
        title: of?.album ? of.title : '',
        label: of?.label ?? '',
        visitor,
        name: from,
        uploads: [],
      };
      group.uploads.push(shown);
      found.set(key, group);
    }
    return [...found.values()];
  }

  /** Takes these out of the inbox, and gives back how they lay in it. */
  function take(ids: string[], back: (step: () => void) => void): SampleUpload[] {
    const before = library.uploads;
    library.uploads = before.filter(({ id }) => !ids.includes(id));
    back(() => void (library.uploads = before));
    return before.filter(({ id }) => ids.includes(id));
  }

  return {
    'inbox.list': ({ link }) => {
      const all = groups(link);
      const uploads = all.flatMap((group) => group.uploads);
      return {
        groups: all,
        waiting: uploads.length,
        bytes: uploads.reduce((sum, { bytes }) => sum + bytes, 0),
      };
    },
    'inbox.accept': ({ ids, fill = false }) => {
      const reply: Accepted = { accepted: 0, known: 0, assets: [], failures: [] };
      undo.record(`${photos(ids.length)} accepted`, (back) => {
        for (const one of take(ids, back)) {
          const album = library.albums.get(library.links.get(one.link)?.album ?? '');
          const id = enter(library, one, fill);
          if (one.known === null) back(() => library.assets.delete(id));
          reply.accepted += 1;
          if (one.known !== null) reply.known += 1;
          reply.assets.push(id);
          if (!album || album.assets.includes(id)) continue;
          const before = album.assets;
          album.assets = [...before, id];
          back(() => void (album.assets = before));
        }
      });
      announce('inbox');
      announce('everything');
      return reply;
    },
    'inbox.write': ({ to }) => ({ path: to, bytes: 1, mime: 'image/jpeg', sidecars: [] }),
    'inbox.reject': ({ ids }) => {
      undo.record(`${photos(ids.length)} rejected`, (back) => take(ids, back));
      announce('inbox');
      return {};
    },
  };
}
