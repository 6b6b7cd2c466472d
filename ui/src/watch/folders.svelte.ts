/** Watched folders, kept true while they change, and the verbs on them. */
import type { Watched } from '../bindings/Watched';
import { host, sentence } from '../host';
import { lookResult } from '../shared/format';
import { toasts } from '../shared/toasts.svelte';

class Folders {
  list = $state.raw<Watched[]>([]);
  loaded = $state(false);
  problem = $state('');
  /** The folders that are being looked through because someone asked for it. */
  looking = $state.raw<ReadonlySet<string>>(new Set());

  start(): () => void {
    void this.load();
    return host.onChange(({ noun }) => {
      if (noun === 'watched' || noun === 'everything') void this.load();
    });
  }

  async load(): Promise<void> {
    try {
      this.list = (await host.call('watch.list', {})).folders;
      this.problem = '';
    } catch (thrown) {
      this.problem = sentence(thrown);
    }
    this.loaded = true;
  }

  /** Lets the user choose folders to watch; false when they changed their mind. */
  async chooseAndWatch(): Promise<boolean> {
    try {
      const paths = await host.chooseFolders();
      for (const folder of paths) {
        void this.#attempt(folder, () => host.call('watch.add', { folder, no_wait: true }));
      }
      return paths.length > 0;
    } catch (thrown) {
      toasts.fail(sentence(thrown));
      return false;
    }
  }

  look(id: string): Promise<void> {
    return this.#attempt(id, () => host.call('watch.look', { folder: id }));
  }

  confirm(id: string): Promise<void> {
    return this.#attempt(id, () => host.call('watch.confirm', { folder: id }));
  }

  async #attempt(key: string, act: () => Promise<Parameters<typeof lookResult>[0]>) {
    this.looking = new Set([...this.looking, key]);
    try {
      toasts.say(lookResult(await act()));
    } catch (thrown) {
      toasts.fail(sentence(thrown));
    }
    this.looking = new Set([...this.looking].filter((one) => one !== key));
    await this.load();
  }

  async remove(id: string): Promise<void> {
    await host.call('watch.remove', { folder: id });
    await this.load();
  }
}

export const folders = new Folders();
