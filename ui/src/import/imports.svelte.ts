/** Imports as they run and as they ended, and the way to start one; and what runs after them. */
import type { ImportReport } from '../bindings/ImportReport';
import type { Job } from '../bindings/Job';
import { host, sentence } from '../host';
import { m } from '../paraglide/messages';
import { importResult } from '../shared/format';
import { toasts } from '../shared/toasts.svelte';

/** How an import ended: what the node reported, or why it could not run. */
export type Ended = { id: number; report: ImportReport | null; problem: string };

/** Kinds of work, as jobs name them. */
export type Work =
  | 'import'
  | 'receive'
  | 'accept'
  | 'render'
  | 'convert'
  | 'restore'
  | 'repair'
  | 'verify'
  | 'offsite'
  | 'watch'
  | 'adopt'
  | 'fetch'
  | 'move';

/** What is told last: work that no one waits for. */
const LAST: Work[] = [
  'move',
  'fetch',
  'adopt',
  'accept',
  'receive',
  'watch',
  'convert',
  'restore',
  'repair',
  'verify',
  'offsite',
];

/** Work that is shown: it goes on, waits, or was broken off. */
function stands(job: Job): boolean {
  return ['running', 'paused', 'interrupted'].includes(job.state);
}

class Imports {
  jobs = $state.raw<Job[]>([]);
  ended = $state.raw<Ended[]>([]);
  /** Whether the panel with the details is open. */
  open = $state(false);
  waiting = $state(0);
  #next = 1;

  start(): () => void {
    void this.load();
    const ends = [
      host.onJob((job) => {
        const at = this.jobs.findIndex((other) => other.id === job.id);
        if (stands(job)) this.jobs = at < 0 ? [...this.jobs, job] : this.jobs.with(at, job);
        else this.jobs = this.jobs.filter((other) => other.id !== job.id);
        // Nobody here asked for it, and nobody here will hear of its end: a start took it up again.
        const unasked = this.waiting === 0 && job.kind === 'import' && job.state === 'done';
        if (unasked) toasts.say(importResult(job));
      }),
      host.onChange(({ noun }) => {
        if (noun === 'everything') void this.load();
      }),
    ];
    return () => ends.forEach((end) => end());
  }

  async load(): Promise<void> {
    const { jobs } = await host.call('jobs', {});
    this.jobs = jobs.filter(stands);
  }

  /** What is not broken off. */
  get alive(): Job[] {
    return this.jobs.filter((job) => job.state !== 'interrupted');
  }

  /** Photos are coming in, or are about to. */
  get importing(): boolean {
    return this.waiting > 0 || this.alive.some((job) => job.kind === 'import');
  }

  /** All that comes in waits: for room, or for someone to resume it. */
  get paused(): boolean {
    const coming = this.alive.filter((job) => job.kind === 'import');
    return coming.length > 0 && coming.every((job) => job.state === 'paused');
  }

  /** An import was broken off and asks for a word. */
  get brokenOff(): boolean {
    return this.jobs.some((job) => job.state === 'interrupted');
  }

  /** Videos are being made into what browsers play. */
  get converting(): boolean {
    return this.jobs.some((job) => job.kind === 'convert');
  }

  /** What is told first: what comes in, then what is made of it. */
  get doing(): Work | null {
    if (this.importing) return 'import';
    if (this.jobs.some((job) => job.kind === 'render')) return 'render';
    return LAST.find((kind) => this.jobs.some((job) => job.kind === kind)) ?? null;
  }

  get busy(): boolean {
    return this.doing !== null;
  }

  /** Files done, and in all, of what is told first. */
  get together(): { done: number; total: number } {
    const first = this.alive.filter((job) => job.kind === this.doing);
    return first.reduce(
      (sum, job) => ({ done: sum.done + job.done, total: sum.total + job.total }),
      { done: 0, total: 0 },
    );
  }

  /** Imports these files and folders. Failures are told, not thrown; then there is no report. */
  async run(
    paths: string[],
    wish: { inPlace?: boolean; album?: string } = {},
  ): Promise<ImportReport | null> {
    if (paths.length === 0) return null;
    this.waiting += 1;
    const id = this.#next++;
    try {
      const report = await host.call('import', {
        paths,
        // Photos are there at once, with what their camera left inside; previews follow.
        no_wait: true,
        ...(wish.inPlace ? { in_place: true } : {}),
        ...(wish.album ? { album: wish.album } : {}),
      });
      this.ended = [{ id, report, problem: '' }, ...this.ended].slice(0, 5);
      const words = importResult({ ...report, failed: report.failed.length });
      const details = { text: m.details(), run: () => (this.open = true) };
      toasts.say(words, report.failed.length > 0 ? details : undefined);
      return report;
    } catch (thrown) {
      const problem = sentence(thrown);
      this.ended = [{ id, report: null, problem }, ...this.ended].slice(0, 5);
      toasts.fail(problem);
      return null;
    } finally {
      this.waiting -= 1;
      await this.load().catch(() => {});
    }
  }

  async chooseAndRun(wish: { inPlace?: boolean; album?: string } = {}): Promise<boolean> {
    try {
      const paths = await host.chooseFolders();
      if (paths.length === 0) return false;
      void this.run(paths, wish);
      return true;
    } catch (thrown) {
      toasts.fail(sentence(thrown));
      return false;
    }
  }

  /** Pauses, resumes or stops a job. */
  async tell(id: string, what: 'job.pause' | 'job.resume' | 'job.cancel'): Promise<void> {
    try {
      await host.call(what, { id });
    } catch (thrown) {
      toasts.fail(sentence(thrown));
    }
  }

  forget(id: number): void {
    this.ended = this.ended.filter((end) => end.id !== id);
  }
}

export const imports = new Imports();
