/** Albums that the sample household shares at home: one of Mira's own, one of Anna's, and one that is offered. */
import type { AlbumLink } from '../bindings/AlbumLink';
import type { AlbumOffer } from '../bindings/AlbumOffer';
import type { AlbumSharing } from '../bindings/AlbumSharing';
import type { Member } from '../bindings/Member';
import type { Named } from '../bindings/Named';
import type { Notice } from '../bindings/Notice';
import type { Change, CommandName } from '../host';
import { missing } from './changes';
import type { Answers } from './host';
import type { SampleLibrary } from './library';

/** An album of one's own that nobody else is in. */
export const unshared: AlbumSharing = {
  home: 'device-1',
  owner: null,
  role: null,
  lives_on: null,
  moving_to: null,
  members: 0,
  asked: 0,
  waiting: 0,
  everyone: 'nobody',
  originals: true,
  links: false,
  keep_originals: true,
  comments: true,
  in_timeline: false,
  quiet: false,
  heir: null,
};

const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
const anna = { id: 'person-3', name: 'Anna' };
const ben = { id: 'person-2', name: 'Ben' };
const lake: AlbumOffer = {
  album: 'album-offered',
  title: 'Winter at the lake',
  owner: ben,
  role: 'editor',
  state: 'asked',
  count: 214,
  asked_at: ago(40),
  heir: false,
};

/** Shares two of the albums: the third with Ben and Anna, and the last one as if it were Anna's. */
export function shareAtHome(library: SampleLibrary, order: string[]): void {
  const albums = [...library.albums.values()];
  albums[2].sharing = { ...unshared, members: 1, asked: 1 };
  const hers = albums[4];
  hers.sharing = { ...unshared, owner: anna, role: 'editor', members: 2, waiting: 3, links: true };
  const elsewhere = new Set(albums.slice(0, 4).flatMap(({ assets }) => assets));
  hers.assets.forEach((id, index) => {
    const one = library.assets.get(id);
    if (!one || index % 6 === 5 || elsewhere.has(id)) return;
    one.owner = index % 4 === 1 ? ben.name : anna.name;
    one.asset.is_mine = false;
  });
  for (const id of order.slice(300, 303)) {
    const one = library.assets.get(id);
    if (!one) continue;
    one.waits = true;
    // Where they are seen at once.
    hers.assets.splice(2, 0, id);
  }
}

/** `there`: both live on a machine that is always on; `soon`: one’s own is about to move to it. */
export function lodge(library: SampleLibrary, machine: Named, wish: string | null): void {
  const [own, hers] = [2, 4].map((at) => [...library.albums.values()].at(at)?.sharing);
  if (wish === 'soon') Object.assign(own ?? {}, { moving_to: machine });
  if (wish === 'there')
    for (const sharing of [own, hers]) Object.assign(sharing ?? {}, { lives_on: machine });
}

type Asked =
  | `album.${'share' | 'members' | 'role' | 'unshare' | 'sharing' | 'leave' | 'offers'}`
  | `album.${'accept' | 'decline' | 'handover' | 'move' | 'takeover' | 'link' | 'links' | 'unlink'}`
  | `notice.${'list' | 'read'}`
  | 'asset.save'
  | 'person.picture';

export function householdAnswers(
  library: SampleLibrary,
  furnished: boolean,
  named: (machine: string) => Named,
  announce: (noun: Change['noun'], id?: string) => void,
): Pick<Answers, Extract<CommandName, Asked>> {
  const known = new Map([ben, anna].map((one) => [one.id, one.name]));
  const people = new Map<string, Member[]>();
  const links = new Map<string, AlbumLink[]>();
  const offers: AlbumOffer[] = furnished ? [lake] : [];
  const [own, hers] = [2, 4].map((at) => [...library.albums.values()].at(at));
  const member = (id: string, rest: Partial<Member>): Member => ({
    id,
    name: known.get(id) ?? '',
    role: 'viewer',
    state: 'joined',
    count: 0,
    asked_at: ago(60 * 24 * 9),
    is_me: false,
    picture: null,
    ...rest,
  });
  if (furnished && own && hers) {
    people.set(own.id, [
      member(ben.id, { role: 'editor', count: 12 }),
      member(anna.id, { state: 'asked' }),
    ]);
    people.set(hers.id, [
      member(ben.id, { role: 'viewer', count: 8 }),
      member('person-1', { name: 'Mira', role: 'editor', count: 11, is_me: true }),
    ]);
  }
  const notices: Notice[] = [];
  const told = (notice: Omit<Notice, 'id' | 'seen'>, seen = false) =>
    notices.push({ ...notice, id: 100 - notices.length, seen });
  if (furnished && own && hers) {
    const here = { id: own.id, name: own.title };
    const there = { id: hers.id, name: hers.title };
    const none = { assets: [], text: '', count: 1 };
    const offered = { id: lake.album, name: lake.title };
    told({ ...none, kind: 'asked', album: offered, person: ben, made_at: ago(40) });
    const assets = hers.assets.slice(0, 4);
    told({
      kind: 'added',
      album: there,
      person: anna,
      count: 31,
      assets,
      text: '',
      made_at: ago(95),
    });
    const text = 'The light on the second one! Who took it?';
    const said = { assets: own.assets.slice(3, 4), text, count: 1 };
    told({ ...said, kind: 'comment', album: here, person: ben, made_at: ago(60 * 5) });
    told({ ...none, kind: 'joined', album: here, person: ben, made_at: ago(60 * 26) }, true);
    const sees = { ...none, album: null, person: anna, made_at: ago(60 * 49) };
    told({ ...sees, kind: 'library_accepted' }, true);
  }

  function album(id: string) {
    const found = library.albums.get(id);
    if (!found) throw missing('album');
    found.sharing ??= { ...unshared };
    return found;
  }
  function list(id: string) {
    const { sharing } = album(id);
    const members = (people.get(id) ?? []).map((one) => ({ ...one }));
    return { owner: sharing?.owner ?? { id: 'person-1', name: 'Mira' }, members };
  }
  function keep(id: string, members: Member[]) {
    people.set(id, members);
    const count = (state: Member['state']) => members.filter((one) => one.state === state).length;
    Object.assign(album(id).sharing ?? {}, { members: count('joined'), asked: count('asked') });
    announce('album', id);
    return list(id);
  }
  function changed(id: string, wish: object) {
    Object.assign(album(id).sharing ?? {}, wish);
    announce('album', id);
    const shown = library.album(id);
    if (!shown) throw missing('album');
    return shown;
  }
  function answer(id: string, state: AlbumOffer['state']) {
    const offer = offers.find((one) => one.album === id);
    if (!offer) throw missing('album');
    offer.state = state;
    announce('album', id);
    return {};
  }

  return {
    'album.share': ({ album: id, people: asked, role }) =>
      keep(id, [
        ...(people.get(id) ?? []),
        ...asked.map((one) => member(one, { role, state: 'asked' })),
      ]),
    'album.members': ({ album: id }) => list(id),
    'album.role': ({ album: id, person, role }) =>
      keep(
        id,
        (people.get(id) ?? []).map((one) => (one.id === person ? { ...one, role } : one)),
      ),
    'album.unshare': ({ album: id, person }) =>
      keep(
        id,
        (people.get(id) ?? []).filter((one) => one.id !== person),
      ),
    'album.sharing': ({ album: id, ...wish }) => changed(id, wish),
    'album.leave': ({ album: id }) => {
      library.albums.delete(id);
      announce('album', id);
      return {};
    },
    'album.offers': () => ({ offers: offers.map((one) => ({ ...one })) }),
    'album.accept': ({ album: id }) => answer(id, 'joined'),
    'album.decline': ({ album: id }) => answer(id, 'declined'),
    'album.handover': ({ album: id, person }) => {
      Object.assign(album(id).sharing ?? {}, { heir: person ?? null });
      announce('album', id);
      return {};
    },
    'album.move': ({ album: id, machine, here }) => {
      const lives_on = here || machine === undefined ? null : named(machine);
      return changed(id, { lives_on, moving_to: null });
    },
    'album.takeover': () => ({}),
    'album.link': ({ album: id, label }) => {
      const key = library.key();
      const one = {
        id: library.id('link'),
        label: label ?? '',
        url: `http://192.168.1.9:8477/share/${key}`,
        expires_at: null,
      };
      links.set(id, [one, ...(links.get(id) ?? [])]);
      return { links: [...(links.get(id) ?? [])] };
    },
    'album.links': ({ album: id }) => ({ links: [...(links.get(id) ?? [])] }),
    'album.unlink': ({ id }) => {
      for (const [of, made] of links)
        links.set(
          of,
          made.filter((one) => one.id !== id),
        );
      return {};
    },
    'notice.list': () => ({
      unseen: notices.filter(({ seen }) => !seen).length,
      notices: notices.map((one) => ({ ...one })),
    }),
    'notice.read': ({ upto }) => {
      for (const one of notices) if (one.id <= upto) one.seen = true;
      announce('notices');
      return {};
    },
    'asset.save': ({ ids }) => ({ ids }),
    'person.picture': () => ({}),
  };
}
