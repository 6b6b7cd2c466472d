/** Watched folders, kept true while they change, and the verbs on them. */
import type { Watched } from '../bindings/Watched';
import type { Change } from '../host';
import { host, sentence } from '../host';
import { lookResult } from '../shared/format';
import { Kept } from '../shared/kept.svelte';
import { toasts } from '../shared/toasts.svelte';

class Folders extends Kept {
  list = $state.raw<Watched[]>([]);
  /** The folders that are being looked through because someone asked for it. */
  looking = $state.raw<ReadonlySet<string>>(new Set());

  protected concerns(noun: Change['noun']): boolean {
    return noun === 'watched';
  }

  protected async read(): Promise<void> {
    this.list = (await host.call('watch.list', {})).folders;
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
