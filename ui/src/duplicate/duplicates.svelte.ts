/** Photos that look the same, in groups; read again whenever photos or groups change. */
import type { Asset } from '../bindings/Asset';
import type { DuplicateGroup } from '../bindings/DuplicateGroup';
import { host, sentence } from '../host';
import { m } from '../paraglide/messages';
import { fileKind, size, wall, wallClock } from '../shared/format';

/** Groups of a page. */
const page = 40;

class Duplicates {
  groups = $state.raw<DuplicateGroup[]>([]);
  /** Where the next page begins; none when all are here. */
  next = $state<string | null>(null);
  /** How many photos are not compared with the others yet. */
  waiting = $state(0);
  loaded = $state(false);
  problem = $state('');
  #asked = 0;

  /** Loads them, and again at each change, until what this answers is called. */
  show(): () => void {
    void this.load();
    let soon: ReturnType<typeof setTimeout> | undefined;
    const end = host.onChange(({ noun }) => {
      if (noun !== 'duplicates' && noun !== 'asset' && noun !== 'everything') return;
      clearTimeout(soon);
      soon = setTimeout(() => void this.load(), 120);
    });
    return () => {
      clearTimeout(soon);
      end();
    };
  }

  /** As many groups as are shown already, at least a page. */
  async load(): Promise<void> {
    const asked = ++this.#asked;
    try {
      const limit = Math.min(500, Math.max(page, this.groups.length));
      const list = await host.call('duplicates.list', { limit });
      // Of two answers under way, the later one holds.
      if (asked !== this.#asked) return;
      this.groups = list.groups;
      this.next = list.next;
      this.waiting = list.waiting;
      this.problem = '';
    } catch (thrown) {
      this.problem = sentence(thrown);
    }
    this.loaded = true;
  }

  async more(): Promise<void> {
    if (this.next === null) return;
    const asked = ++this.#asked;
    try {
      const list = await host.call('duplicates.list', { limit: page, after: this.next });
      if (asked !== this.#asked) return;
      this.groups = [...this.groups, ...list.groups];
      this.next = list.next;
    } catch (thrown) {
      this.problem = sentence(thrown);
    }
  }

  /** Keeps one of a group; the others go to the trash. */
  async keep(group: DuplicateGroup, keep: string): Promise<void> {
    const assets = group.assets.map(({ id }) => id).filter((id) => id !== keep);
    await host.call('duplicates.merge', { keep, assets });
    await this.load();
  }

  /** Keeps all of a group, which is then a group no more. */
  async keepAll(group: DuplicateGroup): Promise<void> {
    await host.call('duplicates.dismiss', { assets: group.assets.map(({ id }) => id) });
    await this.load();
  }
}

export const duplicates = new Duplicates();

export type Fact = { name: string; text: string; differs: boolean };

const facts: [name: () => string, of: (asset: Asset) => string][] = [
  [m.fact_size, ({ width, height }) => (width && height ? `${width} × ${height}` : '')],
  [m.fact_file, ({ mime, bytes }) => `${fileKind(mime)}, ${size(bytes)}`],
  [
    m.fact_taken,
    ({ taken_at }) => {
      if (taken_at === null) return m.fact_no_date();
      const ms = wallClock(taken_at);
      return `${wall(ms, 'date')}, ${wall(ms, 'time')}`;
    },
  ],
  [
    m.fact_place,
    ({ place, latitude }) => place ?? (latitude === null ? m.fact_no_place() : m.fact_known()),
  ],
];

/** What is known of one of a group, and whether that differs from the others. */
export function factsOf(asset: Asset, group: DuplicateGroup): Fact[] {
  return facts.map(([name, of]) => {
    const text = of(asset);
    return { name: name(), text, differs: group.assets.some((other) => of(other) !== text) };
  });
}
