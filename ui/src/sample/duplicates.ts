/** Photos of the sample library that look the same, and what is done with them. */
import type { DuplicateGroup } from '../bindings/DuplicateGroup';
import { CallError, type CommandName } from '../host';
import type { Answers } from './host';
import type { SampleAsset, SampleLibrary } from './library';
import type { SampleUndo } from './undo';

type Duplicate = Extract<CommandName, `duplicates.${string}`>;

/** Makes copies of a few photos of those that there are, as they come back from a messenger. */
export function duplicate(library: SampleLibrary, order: string[]): void {
  const from = (place: number) => library.assets.get(order[place]) as SampleAsset;
  for (const [place, copies] of [
    [300, 1],
    [310, 2],
    [320, 1],
  ]) {
    const { asset, picture } = from(place);
    asset.width = 4032;
    asset.height = Math.round((4032 * picture.height) / picture.width);
    for (let copy = 1; copy <= copies; copy += 1) {
      const one = from(place + copy);
      one.picture = picture;
      Object.assign(one.asset, {
        name: `IMG-20261009-WA000${place + copy - 300}.jpg`,
        bytes: Math.round(asset.bytes / (7 * copy)),
        width: 1600 / copy,
        height: Math.round(((1600 / copy) * picture.height) / picture.width),
        taken_at: null,
        latitude: null,
        longitude: null,
        place: null,
        favorite: copy === 2,
      });
    }
    library.twins.push(
      [place, ...[1, 2].slice(0, copies).map((copy) => place + copy)].map((n) => order[n]),
    );
  }
}

export function duplicateAnswers(
  library: SampleLibrary,
  undo: SampleUndo,
  announce: () => void,
): Pick<Answers, Duplicate> {
  const at = (ids: string[]) =>
    ids
      .flatMap((id) => library.assets.get(id) ?? [])
      .filter(({ lies }) => !lies.trashed && !lies.locked);
  const groups = (): DuplicateGroup[] =>
    library.twins
      .map(at)
      .filter((group) => group.length > 1)
      .map((group) => ({
        assets: group.map(({ asset }) => ({ ...asset })),
        why: 'It has more pixels.',
      }));
  return {
    'duplicates.list': ({ limit = 100 }) => ({
      groups: groups().slice(0, limit),
      next: null,
      waiting: library.comparing,
    }),
    'duplicates.merge': ({ keep, assets }) => {
      const [kept] = at([keep]);
      if (!kept) throw new CallError('not_found', 'There is no photo with this id.');
      undo.record(`${assets.length + 1} photos merged into one`, (back) => {
        for (const one of at(assets)) {
          const { favorite } = kept.asset;
          kept.asset.favorite ||= one.asset.favorite;
          one.lies = { ...one.lies, trashed: true };
          library.settle(one);
          back(() => {
            kept.asset.favorite = favorite;
            one.lies = { ...one.lies, trashed: false };
            library.settle(one);
          });
        }
      });
      announce();
      return { ...kept.asset };
    },
    'duplicates.dismiss': ({ assets }) => {
      undo.record(`${assets.length} photos told apart`, (back) => {
        const before = library.twins;
        library.twins = before.filter((group) => !assets.every((id) => group.includes(id)));
        back(() => void (library.twins = before));
      });
      announce();
      return {};
    },
  };
}
