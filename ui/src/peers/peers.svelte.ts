/** The machines that this one knows, and those that are getting to know it, kept true while they change. */
import type { Invite } from '../bindings/Invite';
import type { Machine } from '../bindings/Machine';
import type { Named } from '../bindings/Named';
import type { Pairing } from '../bindings/Pairing';
import type { PeerPerson } from '../bindings/PeerPerson';
import type { Change } from '../host';
import { host } from '../host';
import { Kept } from '../shared/kept.svelte';

class Peers extends Kept {
  person = $state.raw<Named>({ id: '', name: '' });
  device = $state.raw<Named>({ id: '', name: '' });
  people = $state.raw<PeerPerson[]>([]);
  pairings = $state.raw<Pairing[]>([]);
  /** The invitation that is open. */
  invite = $state.raw<Invite | null>(null);
  nearby = $state(0);
  /** Pairings whose question was closed without an answer. */
  #aside = $state.raw<ReadonlySet<number>>(new Set());
  /** Those seen under way: how they ended is told. What ended before this window opened is not. */
  readonly #followed = new Set<number>();

  protected concerns(noun: Change['noun']): boolean {
    return noun === 'peers' || noun === 'identity' || noun === 'remote' || noun === 'outbox';
  }

  protected async read(): Promise<void> {
    const now = await host.call('peer.list', {});
    for (const { id, state } of now.pairings)
      if (state === 'asking' || state === 'waiting') this.#followed.add(id);
    Object.assign(this, now);
  }

  get machines(): Machine[] {
    return this.people.flatMap(({ machines }) => machines);
  }

  machine(id: string): Machine | undefined {
    return this.machines.find((one) => one.id === id);
  }

  /** Whose machine it is. */
  ownerOf(id: string): PeerPerson | undefined {
    return this.people.find(({ machines }) => machines.some((one) => one.id === id));
  }

  /** The pairing that is in hand: one that asks before one that waits, and that before one that ended. */
  get inHand(): Pairing | undefined {
    const all = this.pairings.filter(({ id }) => this.#followed.has(id) && !this.#aside.has(id));
    const order = ['asking', 'waiting', 'failed', 'done'];
    return all.toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state))[0];
  }

  /** Those that still want an answer, of here or there, and are out of sight. */
  get putAside(): Pairing[] {
    return this.pairings.filter(
      ({ id, state }) => this.#aside.has(id) && (state === 'asking' || state === 'waiting'),
    );
  }

  putAway(id: number): void {
    this.#aside = new Set([...this.#aside, id]);
  }

  takeUp(id: number): void {
    this.#aside = new Set([...this.#aside].filter((one) => one !== id));
  }

  async inviteMachine(own: boolean): Promise<void> {
    this.invite = await host.call('peer.invite', { own, code: true });
    await this.load();
  }

  async uninvite(): Promise<void> {
    await host.call('peer.uninvite', {});
    await this.load();
  }

  async join(invitation: string): Promise<void> {
    const { id } = await host.call('peer.join', { invitation });
    this.#followed.add(id);
    await this.load();
  }

  async confirm(id: number): Promise<void> {
    await host.call('peer.confirm', { id });
    await this.load();
  }

  async decline(id: number): Promise<void> {
    this.putAway(id);
    try {
      await host.call('peer.decline', { id });
    } catch (thrown) {
      this.takeUp(id);
      throw thrown;
    }
    await this.load();
  }

  /** Removes a machine, or a person with all of theirs; answers the names of the machines. */
  async remove(id: string): Promise<string[]> {
    const { machines } = await host.call('peer.remove', { id });
    await this.load();
    return machines;
  }

  async keep(machine: string, what: Machine['keep']): Promise<void> {
    await host.call('peer.keep', { machine, what });
    await this.load();
  }

  /** Whether its photos show in the timeline. */
  async show(machine: string, show: boolean): Promise<void> {
    await host.call('peer.timeline', { machine, show });
    await this.load();
  }

  /** Whether it serves one's links, too. */
  async serve(machine: string, on: boolean): Promise<void> {
    await host.call('peer.serve', { machine, on });
    await this.load();
  }

  /** What is kept here of the photos that its links show; nothing: they are not served here. */
  async host(machine: string, what: Machine['keep']): Promise<void> {
    await host.call('peer.host', { machine, what });
    await this.load();
  }

  /** The machine that new links are opened at, while this one is away, too. */
  get server(): Machine | undefined {
    return this.machines.find(({ serves }) => serves?.address);
  }

  /** Where else to look for it; an empty address takes that back. */
  async reachAt(machine: string, address: string): Promise<void> {
    await host.call('peer.address', { machine, address });
    await this.load();
  }
}

export const peers = new Peers();
