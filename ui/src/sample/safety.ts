/**
 * Where the originals of the sample household are: a few of this machine's are nowhere else, the attic's are
 * still being copied, and the travel laptop is away.
 */
import type { Job } from '../bindings/Job';
import type { MachineSafety } from '../bindings/MachineSafety';
import type { Named } from '../bindings/Named';
import type { Safety } from '../bindings/Safety';
import { CallError, type Change, type CommandName } from '../host';
import type { Answers } from './host';
import { goes } from './intake';
import type { SampleLibrary } from './library';
import type { SamplePeers } from './peers';
import { seeded } from './pictures';

/** What an original takes, about. */
const large = 4_300_000;
/** How many photos of this machine, and of one that is away, are nowhere else. */
const [few, away] = [12, 38];

type Around = {
  library: SampleLibrary;
  peers: SamplePeers;
  device: Named;
  announce: (noun: Change['noun']) => void;
  jobs: Map<string, Job>;
  tell: (job: Job) => void;
  /** How long a step of work takes. */
  pause: () => Promise<unknown>;
};

/** `safety`: `kept`: the promise is on, and what the travel laptop had is kept here. */
export class SampleSafety {
  readonly #around: Around;
  #promise: boolean;

  constructor(around: Around, wish: string | null) {
    this.#around = around;
    this.#promise = wish === 'kept';
    if (!this.#promise) return;
    for (const one of this.#others())
      one.originals = one.assets - (one.id === 'machine-2' ? away : 0);
  }

  #others() {
    return this.#around.peers.people.find(({ is_own }) => is_own)?.machines ?? [];
  }

  #mine() {
    return this.#around.library.newestFirst().map(({ asset }) => asset);
  }

  /** How many of this machine's photos are nowhere else: the newest, or all. */
  #alone(): number {
    const { length } = this.#mine();
    const others = this.#others();
    if (others.length === 0) return length;
    return this.#promise && others.some((one) => one.is_online) ? 0 : Math.min(few, length);
  }

  #show(): Safety {
    const { device } = this.#around;
    const photos = this.#mine().length;
    const here = this.#alone();
    const others = this.#others().map((one): MachineSafety => {
      const copied = this.#promise ? one.assets : one.originals;
      const alone = one.id === 'machine-2' ? away : one.assets - copied;
      return {
        machine: { id: one.id, name: one.name },
        is_here: false,
        photos: one.assets,
        alone,
        alone_bytes: alone * large,
        holds: one.id === 'machine-1' ? photos - here : 0,
        known_at: one.complete_at,
        is_online: one.is_online,
      };
    });
    const holds = this.#others().reduce((sum, { originals }) => sum + originals, 0);
    return {
      promise: this.#promise,
      machines: [
        {
          machine: { ...device },
          is_here: true,
          photos,
          alone: here,
          alone_bytes: here * large,
          holds,
          known_at: null,
          is_online: true,
        },
        ...others,
      ],
    };
  }

  /** Which machines have a photo's original. */
  holders(id: string): Named[] {
    const { device } = this.#around;
    const alone = this.#mine().slice(0, this.#alone());
    const isAlone = alone.some((asset) => asset.id === id);
    const [attic] = this.#others();
    return isAlone || !attic
      ? [{ ...device }]
      : [{ ...device }, { id: attic.id, name: attic.name }];
  }

  async #adopt(id: string) {
    const { library, peers, announce, jobs, tell, pause } = this.#around;
    const machine = peers.find(id);
    const job: Job = {
      id: library.id('job'),
      kind: 'adopt',
      total: machine.assets,
      done: 0,
      imported: 0,
      duplicates: 0,
      skipped: 0,
      failed: 0,
      current: null,
      ...goes,
    };
    jobs.set(job.id, job);
    const random = seeded(7);
    let photos = 0;
    while (job.done < job.total && job.state === 'running') {
      const step = Math.min(20, job.total - job.done);
      for (let i = 0; i < step && photos < machine.originals; i += 1) {
        library.add(Date.UTC(2026, 8, 12, 9) - photos * 5_400_000, random);
        photos += 1;
      }
      job.done += step;
      tell({ ...job });
      await pause();
    }
    const cancelled = job.state === 'cancelled';
    if (!cancelled) job.state = 'done';
    tell({ ...job });
    announce('everything');
    const lacking = job.done - photos;
    return { photos, lacking, albums: cancelled ? 0 : 3, cancelled };
  }

  answers(): Pick<Answers, Extract<CommandName, `safety.${string}`>> {
    return {
      'safety.show': () => this.#show(),
      'safety.alone': ({ limit = 100 }) => ({
        assets: this.#mine().slice(0, Math.min(limit, this.#alone())),
        next: null,
      }),
      'safety.promise': ({ on }) => {
        this.#promise = on;
        for (const one of this.#others())
          if (one.is_online) one.originals = on || one.keep === 'originals' ? one.assets : 0;
        this.#around.announce('safety');
        this.#around.announce('peers');
        return this.#show();
      },
      'safety.adopt': ({ machine }) => {
        if (!this.#others().some(({ id }) => id === machine))
          throw new CallError('wrong', 'Only what one’s own machines had can be taken over.');
        return this.#adopt(machine);
      },
      'safety.fetch': () => ({ fetched: 0, lacking: [], cancelled: false }),
    };
  }
}
