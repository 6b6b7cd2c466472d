/**
 * Whole libraries that people of the sample household show each other: Anna's is seen, Ben offers his, and
 * Mira's own is seen by Anna and Ida, and by Jonas no more.
 */
import type { PartnerCopy } from '../bindings/PartnerCopy';
import type { PartnerLibrary } from '../bindings/PartnerLibrary';
import type { PartnerList } from '../bindings/PartnerList';
import type { PartnerOffer } from '../bindings/PartnerOffer';
import type { Change, CommandName } from '../host';
import { missing } from './changes';
import type { Answers } from './host';
import { SampleLibrary } from './library';
import { painted } from './pictures';

const ago = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();
const anna = { id: 'person-3', name: 'Anna' };
const ben = { id: 'person-2', name: 'Ben' };
/** About what one preview, and one original, takes. */
const [small, large] = [92_000, 4_100_000];

function told(name: string, hours: number, dropped: number | null = null): PartnerCopy {
  return {
    machine: { id: `machine-of-${name}`, name },
    since: ago(hours),
    dropped_at: dropped === null ? null : ago(dropped),
  };
}

function offered(name: string, rest: Partial<PartnerOffer>): PartnerOffer {
  return {
    person: { id: `person-${name}`, name },
    picture: null,
    state: 'accepted',
    since: null,
    captions: true,
    albums: true,
    asked_at: ago(24 * 40),
    decided_at: ago(24 * 39),
    count: 420,
    bytes: 420 * large,
    decided_here: true,
    decided_on: null,
    copies: [],
    ...rest,
  };
}

function shown(person: PartnerLibrary['person'], count: number): PartnerLibrary {
  return {
    person,
    picture: null,
    state: 'accepted',
    since: null,
    captions: true,
    albums: true,
    asked_at: ago(3),
    count,
    bytes: count * large,
    preview_bytes: count * small,
    in_timeline: false,
    keep: 'nothing',
    previews: 0,
    originals: 0,
    kept_bytes: 0,
    is_complete: true,
    is_online: true,
  };
}

/** Anna's photos and albums. */
async function hers(): Promise<SampleLibrary> {
  const library = new SampleLibrary('9000', 900);
  await library.open();
  library.fill(160, 11);
  const order = library.newestFirst();
  for (const one of order) {
    one.owner = anna.name;
    Object.assign(one.asset, { is_mine: false, favorite: false, state: 'shared', home: 'annas' });
  }
  const titles = ['Finn’s first summer', 'Sardinia', 'The new kitchen', 'Grandpa turns eighty'];
  titles.forEach((title, index) => {
    const id = library.id('album');
    const held = order.slice(index * 34, index * 34 + 9 + index * 6).reverse();
    const assets = held.map(({ asset }) => asset.id);
    const description = index === 1 ? 'Two weeks with a van, and one week without it.' : null;
    const made = {
      id,
      title,
      description,
      created_at: '2026-09-02T10:00:00Z',
      assets,
      cover: null,
    };
    library.albums.set(id, made);
  });
  return library;
}

/** Who shows what to whom; of an empty library, nobody anything. */
export async function partnersOf(
  library: SampleLibrary,
  furnished: boolean,
  wish: string | null,
): Promise<PartnerList> {
  if (!furnished) return { offered: [], libraries: [] };
  const theirs = await hers();
  const merged = wish === 'merged';
  library.beyond.set(anna.id, { library: theirs, shown: merged });
  const seen: PartnerLibrary = {
    ...shown(anna, theirs.assets.size),
    picture: painted(903).url,
    in_timeline: merged,
    keep: 'previews',
    previews: theirs.assets.size,
    kept_bytes: theirs.assets.size * small,
    is_online: wish !== 'away',
  };
  return {
    offered: [
      offered(anna.name, {
        person: anna,
        picture: painted(903).url,
        copies: [told('Anna’s laptop', 900), told('Anna’s phone', 700)],
      }),
      offered('Ida', {
        since: '2024-01-01',
        albums: false,
        count: 212,
        bytes: 212 * large,
        decided_here: false,
        decided_on: 'Attic',
        copies: [told('Pad', 300)],
      }),
      offered('Jonas', {
        state: 'ended',
        decided_at: ago(26),
        copies: [told('Jonas’ desk', 2000, 25), told('Living room', 1800, 25), told('Phone', 1500)],
      }),
    ],
    libraries: [{ ...shown(ben, 12_480), state: 'asked', is_complete: false }, seen],
  };
}

type Asked =
  `partner.${'list' | 'offer' | 'edit' | 'end' | 'forget' | 'accept' | 'decline' | 'timeline' | 'keep' | 'albums'}`;

export function partnerAnswers(
  library: SampleLibrary,
  now: PartnerList,
  announce: (noun: Change['noun']) => void,
): Pick<Answers, Extract<CommandName, Asked>> {
  function find<T extends PartnerOffer | PartnerLibrary>(all: T[], id: string): T {
    const found = all.find(({ person }) => person.id === id);
    if (!found) throw missing('partner');
    return found;
  }
  function change<T extends PartnerOffer | PartnerLibrary>(one: T, by: Partial<T>): T {
    Object.assign(one, by);
    announce('partners');
    return { ...one };
  }
  const names = new Map([ben, anna].map(({ id, name }) => [id, name]));

  return {
    'partner.list': () => ({
      offered: now.offered.map((one) => ({ ...one })),
      libraries: now.libraries.map((one) => ({ ...one })),
    }),
    'partner.offer': ({ person: id, since = '', captions = true, albums = true }) => {
      const person = { id, name: names.get(id) ?? '' };
      const known = now.offered.find((one) => one.person.id === id);
      const one = known ?? offered(person.name, { person });
      if (!known) now.offered.push(one);
      const asked = { state: 'asked', asked_at: ago(0), decided_at: null, copies: [] } as const;
      return change(one, { ...asked, copies: [], since: since || null, captions, albums });
    },
    'partner.edit': ({ person, since, captions, albums }) => {
      const one = find(now.offered, person);
      return change(one, {
        since: since === undefined ? one.since : since || null,
        captions: captions ?? one.captions,
        albums: albums ?? one.albums,
      });
    },
    'partner.end': ({ person }) =>
      change(find(now.offered, person), { state: 'ended', decided_at: ago(0) }),
    'partner.forget': ({ person }) => {
      now.offered.splice(now.offered.indexOf(find(now.offered, person)), 1);
      return {};
    },
    'partner.accept': ({ person }) => {
      library.beyond.set(person, { library: new SampleLibrary(), shown: false });
      return change(find(now.libraries, person), { state: 'accepted' });
    },
    'partner.decline': ({ person }) => {
      const one = find(now.libraries, person);
      now.libraries.splice(now.libraries.indexOf(one), 1);
      library.beyond.delete(person);
      announce('everything');
      return {};
    },
    'partner.timeline': ({ person, show }) => {
      const theirs = library.beyond.get(person);
      if (theirs) theirs.shown = show;
      announce('everything');
      return change(find(now.libraries, person), { in_timeline: show });
    },
    'partner.keep': ({ person, what }) => {
      const one = find(now.libraries, person);
      const previews = what === 'nothing' ? 0 : one.count;
      const originals = what === 'originals' ? one.count : 0;
      const kept_bytes = previews * small + originals * large;
      return change(one, { keep: what, previews, originals, kept_bytes });
    },
    'partner.albums': ({ person }) => {
      const theirs = library.beyond.get(person)?.library;
      const all = [...(theirs?.albums.values() ?? [])];
      return {
        albums: all.map(({ id, title, description, assets }) => ({
          id,
          title,
          description: description ?? '',
          cover: assets[0] ?? null,
          count: assets.length,
        })),
      };
    },
  };
}
