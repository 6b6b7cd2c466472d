/**
 * A shell without a node, for development in a plain browser and for tests: it answers every command
 * from a sample library in memory. It is imported by development builds only.
 */
import type { Commands } from '../bindings/commands';
import type { Job } from '../bindings/Job';
import { CallError, type Change, type CommandName, type Dropped, type Host } from '../host';
import { changes, missing } from './changes';
import { NotYet, type Part } from '../film/film';
import { folderAnswers } from './folders';
import { householdAnswers, lodge } from './household';
import { arriving } from './inbox';
import { goes, jobAnswers, sourceAnswers, standing } from './intake';
import { keepAnswers } from './keep';
import { converting, film } from './kinds';
import { SampleLibrary } from './library';
import { pageOf } from './links';
import { lockAnswers } from './lock';
import { SampleOutside } from './outside';
import { partnerAnswers, partnersOf } from './partners';
import { SamplePeers } from './peers';
import { seeded } from './pictures';
import { placeAnswers } from './places';
import { SampleMoving } from './moving';
import { SampleSafety } from './safety';
import { amongAnswers, serveLinks, showMachine } from './among';
import { sharingAnswers } from './sharing';

export type Answers = {
  [N in CommandName]: (
    payload: Commands[N]['payload'],
  ) => Commands[N]['reply'] | Promise<Commands[N]['reply']>;
};

export type SampleHost = Host & {
  library: SampleLibrary;
  /** What was asked, in order; tests read it. */
  asked: { name: string; payload: unknown }[];
  copied: string[];
  /** The videos and live parts that are held at the moment. */
  played: Set<{ id: string; part: Part }>;
  /** The system around the window. */
  outside: SampleOutside;
  /** The machines around this one. */
  peers: SamplePeers;
  drop(dropped: Dropped): void;
  /** So many photos come through a link, from a visitor of this name. */
  arrive(link: string, from: string, count: number): void;
  /** A visitor takes back this photo, which is in the library. */
  withdraw(id: string): void;
  /** Makes the next call of this name fail with a sentence. */
  refuse(name: CommandName, message: string): void;
};

/**
 * `sample`: full (default), empty, or a number of photos; `sharing=on` (more in `sharing`); `import`: photos per import;
 * `safety=kept`: every original is kept on two machines; `partners`: `merged` (Anna's photos show in the timeline) or `away`;
 * `machines=merged`: so do those of another machine; `machines=serving`: that one serves one's links;
 * `lodged`: `there` (two albums live on Attic) or `soon` (one is about to move to it);
 * `convert`: how many videos are being converted; `guessed=on`: someone guesses a link's password; `chosen=on`: a link
 * of chosen photos is open; `sources=none`; `stands`: an import that is `full`
 * (waits for room) or `broken` off.
 */
export async function sampleHost(wishes: URLSearchParams): Promise<SampleHost> {
  const library = new SampleLibrary();
  await library.open();
  const wished = wishes.get('sample') ?? 'full';
  if (wished === 'full') library.fill(420);
  else if (wished !== 'empty') library.fill(Number(wished));
  if (wished === 'full') library.furnish();
  const partners = await partnersOf(library, wished === 'full', wishes.get('partners'));
  library.comparing = Number(wishes.get('comparing') ?? 0);
  library.sharing = wishes.get('sharing') === 'on';
  if (wishes.get('guessed') === 'on')
    for (const link of library.links.values())
      if (link.has_password) link.guessed_at = new Date().toISOString();

  if (wishes.get('chosen') === 'on') {
    const assets = library.newestFirst().map(({ asset }) => asset.id);
    library.makeLink({ assets: assets.slice(8, 19), label: 'Ayşe', show_metadata: true });
  }

  const listeners = new Set<(change: Change) => void>();
  const works = new Set<(job: Job) => void>();
  const drops = new Set<(dropped: Dropped) => void>();
  const refused = new Map<string, string>();
  const asked: SampleHost['asked'] = [];
  const copied: string[] = [];
  const played: SampleHost['played'] = new Set();
  const person = { id: 'person-1', name: wishes.get('name') ?? (wished === 'empty' ? '' : 'Mira') };
  const device = { id: 'device-1', name: 'Desk' };
  const jobs = new Map<string, Job>();

  const convert = Number(wishes.get('convert') ?? 0);
  if (convert > 0) {
    const id = library.id('job');
    const none = { imported: 0, duplicates: 0, skipped: 0, failed: 0 };
    const current = 'IMG_1216.MOV';
    jobs.set(id, {
      id,
      kind: 'convert',
      total: convert,
      done: 1,
      ...none,
      ...goes,
      current,
    });
  }
  const stands = wishes.get('stands');
  if (stands) {
    const id = library.id('job');
    jobs.set(id, standing(id, stands === 'full' ? 'full' : 'broken'));
  }

  const announce = (noun: Change['noun'], id: string | null = null) =>
    listeners.forEach((heard) => heard({ noun, id }));
  const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));
  const served = sharingAnswers(library, wishes, (noun) => announce(noun));

  async function importing(payload: Commands['import']['payload']) {
    const total = Number(wishes.get('import') ?? 217);
    const random = seeded(99);
    const job: Job = {
      id: library.id('job'),
      kind: 'import',
      total,
      done: 0,
      imported: 0,
      duplicates: 0,
      skipped: 0,
      failed: 0,
      current: null,
      ...goes,
    };
    jobs.set(job.id, job);
    const made: string[] = [];
    const failed = [
      {
        path: '/home/mira/Pictures/2024/scan-07.jpg',
        code: 'truncated',
        message: 'The file ends in the middle of the picture. Copy it again from where it came.',
      },
      {
        path: '/home/mira/Pictures/notes.jpg',
        code: 'not-a-picture',
        message: 'The file is named .jpg but holds text, not a picture.',
      },
    ];
    const ended = () => job.state === 'cancelled';
    for (let i = 0; i < total && !ended(); i += 1) {
      do await pause(Number(wishes.get('pace') ?? 40));
      while (job.state === 'paused');
      if (ended()) break;
      job.done += 1;
      job.current = `/home/mira/Pictures/2026/IMG_${1200 + i}.jpg`;
      if (i % 90 === 30) job.duplicates += 1;
      else if (i % 100 === 60 && job.failed < 2) job.failed += 1;
      else {
        const at = Date.UTC(2026, 10, 20, 15) - i * 7_300_000 * (1 + random());
        const id = library.add(at, random, payload.in_place ? job.current : null);
        if (payload.album) library.albums.get(payload.album)?.assets.push(id);
        made.push(id);
        job.imported += 1;
        announce('asset', id);
      }
      works.forEach((heard) => heard({ ...job }));
    }
    job.current = null;
    if (job.state === 'running') job.state = 'done';
    works.forEach((heard) => heard({ ...job }));
    announce('everything');
    return {
      imported: job.imported,
      duplicates: job.duplicates,
      skipped: 0,
      failed: failed.slice(0, job.failed),
      assets: made,
      known: [],
      read: job.done,
      cancelled: job.state === 'cancelled',
    };
  }

  const peers = new SamplePeers(announce);
  if (wished === 'full') peers.furnish();
  if (wishes.get('machines') === 'merged') {
    const [attic] = peers.people.flatMap((one) => one.machines);
    await showMachine(library, attic, true);
    attic.in_timeline = true;
  }
  if (wishes.get('machines') === 'serving') serveLinks(library, peers);
  const named = (id: string) => ({ id, name: peers.find(id).name });
  if (wished === 'full') lodge(library, named('machine-1'), wishes.get('lodged'));
  const safety = new SampleSafety(
    {
      library,
      peers,
      device,
      announce,
      jobs,
      tell: (job) => works.forEach((heard) => heard(job)),
      pause: () => pause(Number(wishes.get('pace') ?? 40)),
    },
    wishes.get('safety'),
  );
  const moving = new SampleMoving(
    { library, peers, announce, pause: () => pause(Number(wishes.get('pace') ?? 40)) },
    wishes.get('moving'),
  );

  const answers: Answers = {
    status: () => ({
      version: '0.1.0',
      library: '/home/mira/Pictures/Albumen',
      person: { ...person },
      device,
      assets: library.on('timeline').length,
      archived: library.on('archive').length,
      trashed: library.on('trash').length,
      albums: library.albums.size,
      links: library.links.size,
      sharing: served.now(),
      decoders: {
        confined: true,
        confinement: 'fully confined (Landlock 7 and seccomp)',
        crashed: 0,
        too_long: 0,
      },
      videos: null,
      backed_up_at: null,
      damaged: 0,
      passing: [],
      jobs: [...jobs.values()].map((job) => ({ ...job })),
    }),
    init: (wish) => {
      if (wish.person !== undefined) person.name = wish.person;
      if (wish.device !== undefined) device.name = wish.device;
      announce('identity');
      return { library: '/home/mira/Pictures/Albumen', person: { ...person }, device };
    },
    storage: () => ({
      library: '/home/mira/Pictures/Albumen',
      originals: { count: library.assets.size, bytes: library.assets.size * 3_400_000 },
      in_place: { count: 0, bytes: 0 },
      catalog: 4_200_000,
      free: 212_000_000_000,
      total: 494_000_000_000,
    }),
    import: importing,
    jobs: () => ({ jobs: [...jobs.values()].map((job) => ({ ...job })) }),
    ...jobAnswers(jobs, (job) => works.forEach((heard) => heard({ ...job }))),
    ...sourceAnswers(wishes.get('sources') !== 'none'),
    assets: (of) => library.list(of),
    search: ({ text = [] }) => ({
      assets: library
        .newestFirst()
        .map(({ asset }) => asset)
        .filter(({ name, place }) =>
          text.every((word) => `${name} ${place}`.toLowerCase().includes(word.toLowerCase())),
        ),
      next: null,
    }),
    suggest: () => ({ cameras: [{ name: 'FUJIFILM X-T5', count: 120 }], places: [], tags: [] }),
    'asset.show': ({ id }) => {
      const found = library.find(id);
      if (!found) throw missing('photo');
      const path = found.own ?? `/home/mira/Pictures/Albumen/originals/${found.asset.name}`;
      const places = [{ path, in_place: found.own !== null, part: 'whole' }];
      return {
        ...found.asset,
        places,
        owner: found.owner ?? null,
        through: found.through ?? null,
        originals_on: found.machine
          ? [{ id: found.machine, name: peers.find(found.machine).name }]
          : found.owner === undefined
            ? safety.holders(id)
            : [],
      };
    },
    'asset.write': ({ to }) => ({ path: to, bytes: 1, mime: 'image/jpeg', sidecars: [] }),
    grid: (of) => library.grid(of),
    ...placeAnswers(library),
    ...changes(library, announce),
    timeline: (of) => library.timeline(of),
    ...folderAnswers(wished === 'full', announce),
    ...lockAnswers(library, wishes, announce),
    ...keepAnswers('/home/mira/Pictures/Albumen', () => library.assets.size),
    ...householdAnswers(library, wished === 'full', named, (noun, id) => announce(noun, id)),
    ...partnerAnswers(library, partners, (noun) => announce(noun)),
    ...served.answers,
    ...peers.answers(person, device),
    ...amongAnswers(library, peers, (noun) => announce(noun)),
    ...safety.answers(),
    ...moving.answers(),
  };

  function heard<T>(set: Set<T>, listener: T): () => void {
    set.add(listener);
    return () => set.delete(listener);
  }

  const outside = new SampleOutside();
  const sample: SampleHost = {
    ...outside.answers(),
    outside,
    peers,
    library,
    asked,
    copied,
    played,
    drop: (dropped) => drops.forEach((listener) => listener(dropped)),
    arrive: arriving(library, announce),
    withdraw: (id) => {
      const kept = library.assets.get(id);
      if (kept) kept.lies = { ...kept.lies, trashed: true };
      announce('asset', id);
      announce('withdrawn', id);
    },
    refuse: (name, message) => refused.set(name, message),
    async call(name, payload) {
      asked.push({ name, payload });
      const message = refused.get(name);
      if (message !== undefined) {
        refused.delete(name);
        throw new CallError('refused', message);
      }
      return await answers[name](payload);
    },
    async chunk(payload) {
      return library.chunk(payload);
    },
    onChange: (listener) => heard(listeners, listener),
    onJob: (listener) => heard(works, listener),
    onDrop: (listener) => heard(drops, listener),
    async dragOut(ids) {
      asked.push({ name: 'drag', payload: ids });
    },
    pictureUrl: (id, rendition, keep = 'library') =>
      typeof keep === 'object' ? peers.pictureUrl(id) : library.pictureUrl(id, rendition, keep),
    async moving(id, part, keep) {
      if (keep === 'inbox') return { address: async () => film, release: () => {} };
      const { asset } = library.find(id) ?? {};
      if (!asset || converting(asset) || (part === 'motion' && asset.motion === null))
        throw new NotYet();
      const held = { id, part };
      played.add(held);
      return { address: async () => film, release: () => void played.delete(held) };
    },
    pageUrl: pageOf,
    tileUrl: (server) => server,
    chooseFolders: async () => ['/home/mira/Pictures'],
    chooseFiles: async () => ['/home/mira/Pictures/IMG_1.jpg'],
    saveAs: async (name) => `/home/mira/${name}`,
    copyText: async (text) => void copied.push(text),
    openAddress: async () => {},
  };
  // The page's own scripts in development may reach it: `sample.drop(…)`.
  Object.assign(globalThis, { sample });
  return sample;
}
