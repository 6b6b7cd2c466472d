/** Backups and check-ups of the sample library, which never breaks. */
import type { Backup } from '../bindings/Backup';
import type { BackupPlace } from '../bindings/BackupPlace';
import type { Commands } from '../bindings/commands';

type Kept =
  'backup.create' | 'backup.list' | 'backup.place' | 'backup.restore' | 'verify' | 'doctor';
type Answers = { [N in Kept]: (payload: Commands[N]['payload']) => Commands[N]['reply'] };

export function keepAnswers(folder: string, files: () => number): Answers {
  const backups: Backup[] = [];
  let place: BackupPlace = { folder: null, at_hand: false };
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
      missing: [],
      links: 0,
      about_links: null,
    }),
    verify: (wish) => ({
      files: files(),
      read: wish.read_data ? files() : 0,
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
