/** Whether links can be opened from outside, and under whose name. */
import type { Sharing } from '../bindings/Sharing';
import type { Change } from '../host';
import { host, sentence } from '../host';
import { Kept } from '../shared/kept.svelte';
import { m } from '../paraglide/messages';

class SharingState extends Kept {
  now = $state.raw<Sharing>({
    on: false,
    wanted: false,
    reach: 'off',
    address: null,
    problem: null,
    visitors: 0,
    listen: null,
    public_url: null,
  });
  personName = $state('');
  busy = $state(false);

  protected concerns(noun: Change['noun']): boolean {
    return noun === 'sharing' || noun === 'identity';
  }

  protected async read(): Promise<void> {
    const status = await host.call('status', {});
    this.now = status.sharing;
    this.personName = status.person.name;
  }

  async turn(on: boolean): Promise<void> {
    this.busy = true;
    this.problem = '';
    try {
      this.now = await host.call('sharing.set', { on });
    } catch (thrown) {
      this.problem = sentence(thrown);
    }
    this.busy = false;
  }

  async rename(person: string): Promise<void> {
    if (person === this.personName) return;
    await host.call('init', { person });
    this.personName = person;
  }
}

export const sharing = new SharingState();

/** One plain sentence on who can open a link now. */
export function reachSentence(sharing: Sharing): string {
  switch (sharing.reach) {
    case 'off':
      return m.reach_off();
    case 'this machine':
      return m.reach_machine();
    case 'this network':
      return m.reach_network();
    case 'public':
      return m.reach_public();
  }
}

export function reachTitle(sharing: Sharing): string {
  switch (sharing.reach) {
    case 'off':
      return m.reach_off_title();
    case 'this machine':
      return m.reach_machine_title();
    case 'this network':
      return m.reach_network_title();
    case 'public':
      return m.reach_public_title();
  }
}
