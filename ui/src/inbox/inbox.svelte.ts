/** What visitors sent and what waits for the owner's answer, kept true while it changes. */
import type { Accepted } from '../bindings/Accepted';
import type { InboxGroup } from '../bindings/InboxGroup';
import type { InboxUpload } from '../bindings/InboxUpload';
import type { Change } from '../host';
import { host } from '../host';
import { links } from '../link/links.svelte';
import { m } from '../paraglide/messages';
import { Kept } from '../shared/kept.svelte';

class Inbox extends Kept {
  groups = $state.raw<InboxGroup[]>([]);
  waiting = $state(0);
  bytes = $state(0);

  protected concerns(noun: Change['noun']): boolean {
    // A group tells the title of what its link shows, too.
    return noun === 'inbox' || noun === 'link' || noun === 'album';
  }

  protected async read(): Promise<void> {
    const { groups, waiting, bytes } = await host.call('inbox.list', {});
    Object.assign(this, { groups, waiting, bytes });
  }

  /** All that waits, in the order in which it is shown. */
  get uploads(): InboxUpload[] {
    return this.groups.flatMap(({ uploads }) => uploads);
  }

  groupOf(id: string): InboxGroup | undefined {
    return this.groups.find(({ uploads }) => uploads.some((one) => one.id === id));
  }

  /** What its link shows: an album's title, or «3 photos». */
  titleOf({ title, link }: InboxGroup): string {
    return title || links.list.find(({ id }) => id === link)?.title || m.inbox_a_link();
  }

  /** Takes these into the library; with `fill`, also the places and times that are offered. */
  async accept(ids: string[], fill: boolean): Promise<Accepted> {
    const reply = await host.call('inbox.accept', { ids, fill });
    await this.load();
    return reply;
  }

  async reject(ids: string[]): Promise<void> {
    await host.call('inbox.reject', { ids });
    await this.load();
  }
}

export const inbox = new Inbox();
