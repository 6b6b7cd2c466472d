/** Where the sample household's photos come from, and how its imports stand. */
import type { Job } from '../bindings/Job';
import { CallError } from '../host';
import type { Answers } from './host';

/** How a job stands that goes on. */
export const goes = { state: 'running', why: null, resumable: false } as const;

/** An import that waits for room, or was broken off. */
export function standing(id: string, how: 'full' | 'broken'): Job {
  const counts = { imported: 812, duplicates: 3, skipped: 4, failed: 0 };
  const none = { imported: 0, duplicates: 0, skipped: 0, failed: 0 };
  const import_ = { id, kind: 'import' };
  return how === 'full'
    ? {
        ...import_,
        ...counts,
        total: 2140,
        done: 815,
        current: '/home/mira/Pictures/2026/IMG_2014.jpg',
        state: 'paused',
        why: 'The disk of /home/mira/Pictures/Albumen/originals is full: 340 MB more are needed so that 1.1 GB stay free. Make room there. The import goes on by itself.',
        resumable: false,
      }
    : {
        ...import_,
        ...none,
        total: 0,
        done: 0,
        current: null,
        state: 'interrupted',
        why: '/run/media/mira/EOS_DIGITAL/DCIM is not there now. Connect the card, phone or drive that it is on, and resume the import.',
        resumable: true,
      };
}

export function jobAnswers(jobs: Map<string, Job>, tell: (job: Job) => void) {
  const change = (id: string, to: Partial<Job>) => {
    const job = jobs.get(id);
    if (!job)
      throw new CallError('not_found', `No job ${id} is running; it may have ended by itself.`);
    Object.assign(job, to);
    tell(job);
    return job;
  };
  const why = 'Paused; it goes on when you resume it.';
  return {
    'job.pause': ({ id }) => (change(id, { state: 'paused', why, resumable: true }), {}),
    'job.resume': ({ id }) => (change(id, goes), { report: null }),
    'job.cancel': ({ id }) => (change(id, { ...goes, state: 'cancelled' }), {}),
  } satisfies Partial<Answers>;
}

export function sourceAnswers(connected: boolean) {
  let template = '{year}/{year}-{month}';
  return {
    sources: () => ({
      sources: connected
        ? [
            { name: 'EOS_DIGITAL', kind: 'card', path: '/run/media/mira/EOS_DIGITAL/DCIM' },
            {
              name: 'Google Pixel 7',
              kind: 'phone',
              path: '/run/user/1000/gvfs/mtp:host=Google_Pixel_7/Internal storage/DCIM',
            },
            {
              name: 'Nikon Corporation NIKON D750',
              kind: 'camera',
              path: '/run/user/1000/gvfs/gphoto2:host=Nikon/store_00010001/DCIM',
            },
          ]
        : [],
    }),
    'import.template': (wish) => ({ template: (template = wish.template ?? template) }),
  } satisfies Partial<Answers>;
}
