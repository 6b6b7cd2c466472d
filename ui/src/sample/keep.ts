/** Backups and check-ups of the sample library, which never breaks. */
import type { Backup } from '../bindings/Backup';
import type { BackupPlace } from '../bindings/BackupPlace';
import type { OffsiteStatus } from '../bindings/OffsiteStatus';
import type { Commands } from '../bindings/commands';

type Kept =
  | 'backup.create'
  | 'backup.list'
  | 'backup.place'
  | 'backup.restore'
  | 'verify'
  | 'doctor'
  | 'offsite.set'
  | 'offsite.status'
  | 'offsite.run'
  | 'offsite.keep-local'
  | 'offsite.verify'
  | 'offsite.recovery-key'
  | 'offsite.end'
  | 'offsite.restore';
type Answers = { [N in Kept]: (payload: Commands[N]['payload']) => Commands[N]['reply'] };

export function keepAnswers(folder: string, files: () => number): Answers {
  const backups: Backup[] = [];
  let place: BackupPlace = { folder: null, at_hand: false };
  const words = 'canyon drift ladder maple orbit quiz ribbon salad thunder velvet wagon zebra';
  const none: OffsiteStatus = {
    set: false,
    endpoint: null,
    bucket: null,
    region: null,
    prefix: null,
    minutes: null,
    noted: false,
    files: files(),
    bytes: files() * 3_000_000,
    copied: 0,
    copied_bytes: 0,
    stored: 0,
    keep_local: null,
    here: files(),
    here_bytes: files() * 3_000_000,
    away: 0,
    away_bytes: 0,
    lost: 0,
    catalog_at: null,
    trouble: null,
  };
  let offsite = none;
  return {
    'backup.create': () => {
      const made_at = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
      const name = made_at.replaceAll(':', '-');
      const path = `${folder}/backups/${name}`;
      const backup = { name, path, made_at, bytes: 262_144, before_update_of: null };
      backups.unshift(backup);
      return { backup, copy: null, problem: null };
    },
    'backup.list': () => ({ backups: [...backups], place }),
    'backup.place': (wish) => {
      if (wish.none) place = { folder: null, at_hand: false };
      else if (wish.folder !== undefined) place = { folder: wish.folder, at_hand: true };
      return place;
    },
    'backup.restore': ({ into }) => ({
      library: into ?? folder,
      made_at: backups[0]?.made_at ?? null,
      aside: null,
      files: files(),
      copied: 0,
      away: 0,
      missing: [],
      links: 0,
      about_links: null,
    }),
    'offsite.status': () => offsite,
    'offsite.set': ({ endpoint, bucket, region }) => {
      if (endpoint?.startsWith('http://127.'))
        throw { code: 'offsite_away', message: `The store at ${endpoint} cannot be reached.` };
      offsite = { ...offsite, set: true, prefix: '', minutes: 15, region: region ?? 'us-east-1' };
      offsite = { ...offsite, endpoint: endpoint ?? null, bucket: bucket ?? null };
      return { words, noted: offsite.noted };
    },
    'offsite.run': () => {
      const catalog_at = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
      const { files: copied, bytes } = offsite;
      offsite = { ...offsite, copied, copied_bytes: bytes, stored: bytes, catalog_at };
      return { copied, bytes, failed: 0, cancelled: false };
    },
    'offsite.keep-local': ({ size }) => {
      const most = size === 'all' ? null : parseFloat(size) * 1e9;
      const { files: all, bytes } = offsite;
      // As many as fit, of which each is as large as the others.
      const here = most === null ? all : Math.min(all, Math.floor((most / bytes) * all));
      const here_bytes = all === 0 ? 0 : Math.round((bytes / all) * here);
      const freed = Math.max(0, offsite.here_bytes - here_bytes);
      offsite = { ...offsite, keep_local: most, here, here_bytes };
      offsite = { ...offsite, away: all - here, away_bytes: bytes - here_bytes };
      return { freed, status: offsite, cancelled: false };
    },
    'offsite.recovery-key': ({ noted }) => {
      offsite = { ...offsite, noted: noted === true || offsite.noted };
      return { words, noted: offsite.noted };
    },
    'offsite.end': () => {
      offsite = none;
      return {};
    },
    'offsite.verify': ({ read_data }) => ({
      files: offsite.copied,
      catalogs: 1,
      read: read_data ? offsite.copied + 1 : 0,
      waiting: offsite.files - offsite.copied,
      missing: [],
      wrong: [],
      lost: [],
      wrong_catalogs: [],
      foreign: [],
      cancelled: false,
    }),
    'offsite.restore': ({ into }) => ({
      library: into,
      made_at: offsite.catalog_at,
      files: files(),
      before: 0,
      bytes: offsite.bytes,
      missing: [],
      damaged: [],
    }),
    verify: (wish) => ({
      files: files(),
      read: wish.read_data ? files() : 0,
      away: 0,
      findings: [],
      cancelled: false,
    }),
    doctor: () => ({
      well: true,
      opens: true,
      wrong: [],
      repaired: [],
      findings: [],
      failed: [],
      backup: backups[0] ?? null,
      verified_at: null,
    }),
  };
}
