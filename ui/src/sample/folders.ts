/** Watched folders of the sample library: one as it should be, one away, one that asks. */
import type { Commands } from '../bindings/commands';
import type { LookReport } from '../bindings/LookReport';
import type { Watched } from '../bindings/Watched';
import type { Change } from '../host';
import { missing } from './changes';

type Followed =
  'watch.add' | 'watch.list' | 'watch.show' | 'watch.look' | 'watch.confirm' | 'watch.remove';
type Answers = { [N in Followed]: (payload: Commands[N]['payload']) => Commands[N]['reply'] };

/** `furnished`: with folders in every state. */
export function folderAnswers(
  furnished: boolean,
  announce: (noun: Change['noun']) => void,
): Answers {
  const folders: Watched[] = [];
  const make = (path: string, rest: Partial<Watched> = {}): Watched => ({
    id: `watched-${folders.length + 1}`,
    path,
    state: 'here',
    assets: 128,
    gone: 0,
    looked_at: '2026-11-20T15:00:00Z',
    failed: [],
    ...rest,
  });
  if (furnished) {
    folders.push(
      make('/home/mira/Pictures/Phone', {
        assets: 2418,
        failed: [
          {
            path: '/home/mira/Pictures/Phone/IMG_2207.JPG',
            code: 'truncated',
            message:
              'The file ends in the middle of the picture. Copy it again from where it came.',
          },
        ],
      }),
    );
    folders.push(make('/media/mira/Archive/1998–2012', { state: 'away', assets: 11302 }));
    folders.push(make('/home/mira/Scans', { state: 'held', assets: 640, gone: 212 }));
  }
  const find = (named: string): Watched => {
    const found = folders.find(({ id, path }) => id === named || path === named);
    if (!found) throw missing('watched folder');
    return found;
  };
  const report = (folder: Watched, rest: Partial<LookReport> = {}): LookReport => ({
    folder: { ...folder },
    imported: 0,
    edited: 0,
    moved: 0,
    gone: 0,
    unsettled: 0,
    failed: [],
    cancelled: false,
    ...rest,
  });
  return {
    'watch.add': ({ folder: path }) => {
      const folder = make(path);
      folders.push(folder);
      announce('watched');
      return report(folder, { imported: folder.assets });
    },
    'watch.list': () => ({ folders: folders.map((folder) => ({ ...folder })) }),
    'watch.show': ({ folder }) => ({ ...find(folder) }),
    'watch.look': ({ folder }) => report(find(folder)),
    'watch.confirm': ({ folder: named }) => {
      const folder = find(named);
      const { gone } = folder;
      Object.assign(folder, { state: 'here', gone: 0, assets: folder.assets - gone });
      announce('watched');
      return report(folder, { gone });
    },
    'watch.remove': ({ folder }) => {
      folders.splice(folders.indexOf(find(folder)), 1);
      announce('watched');
      return { changed: [], unchanged: [] };
    },
  };
}
