/** Whether links can be opened from outside, and under whose name. */
import type { SetSharing } from '../bindings/SetSharing';
import type { Sharing } from '../bindings/Sharing';
import type { Change } from '../host';
import { host, sentence } from '../host';
import { Kept } from '../shared/kept.svelte';

class SharingState extends Kept {
  now = $state.raw<Sharing>({
    on: false,
    wanted: false,
    reach: 'off',
    address: null,
    addresses: [],
    problem: null,
    visitors: 0,
    listen: null,
    public_url: null,
    trusted_proxies: null,
    certificate: null,
    key: null,
    acme: {
      names: [],
      contact: null,
      directory: 'https://acme-v02.api.letsencrypt.org/directory',
      terms: 'https://letsencrypt.org/repository/',
      accepted: false,
      certificates: [],
    },
    redirect: null,
    hsts: true,
    metrics: null,
    mapping: { wanted: false, state: 'off', outside: null, by: null, problem: null },
    probe: null,
  });
  personName = $state('');
  busy = $state(false);
  /** The address of links is being asked. */
  checking = $state(false);

  protected concerns(noun: Change['noun']): boolean {
    return noun === 'sharing' || noun === 'identity';
  }

  protected async read(): Promise<void> {
    const status = await host.call('status', {});
    this.now = status.sharing;
    this.personName = status.person.name;
  }

  turn(on: boolean): Promise<void> {
    return this.change({ on });
  }

  /** Sets something of it; what is refused is thrown. */
  async set(wish: SetSharing): Promise<void> {
    this.now = await host.call('sharing.set', wish);
  }

  /** Sets something of it; what is refused is said. */
  async change(wish: SetSharing): Promise<void> {
    this.busy = true;
    this.problem = '';
    try {
      await this.set(wish);
    } catch (thrown) {
      this.problem = sentence(thrown);
    }
    this.busy = false;
  }

  /** Asks the address of links once more. */
  async check(): Promise<void> {
    this.checking = true;
    this.problem = '';
    try {
      await host.call('link.probe', {});
      await this.load();
    } catch (thrown) {
      this.problem = sentence(thrown);
    }
    this.checking = false;
  }

  async rename(person: string): Promise<void> {
    if (person === this.personName) return;
    await host.call('init', { person });
    this.personName = person;
  }
}

export const sharing = new SharingState();
