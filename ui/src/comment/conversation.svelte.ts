/** What people said of an album, of a link's photos, or of one photo; kept true while it is seen. */
import type { Conversation as Said } from '../bindings/Conversation';
import type { Change } from '../host';
import { host } from '../host';
import { Kept } from '../shared/kept.svelte';

/** Whose conversation: an album's, or that which the visitors of a link see. */
export type Of = { album?: string; link?: string };

/** How many comments are shown at first, and how many more each time. */
const page = 50;

export class Conversation extends Kept {
  said = $state.raw<Said | null>(null);
  /** What was new when it was shown. */
  fresh = $state.raw<ReadonlySet<string>>(new Set());
  #shown = page;
  #of: Of;
  #asset: string | undefined;

  constructor(of: Of, asset?: string) {
    super();
    this.#of = of;
    this.#asset = asset;
  }

  protected concerns(noun: Change['noun']): boolean {
    return noun !== 'sharing' && noun !== 'watched';
  }

  protected async read(): Promise<void> {
    const said = await host.call('comment.list', { ...this.#where, limit: this.#shown });
    const news = said.comments.filter(({ unread }) => unread).map(({ id }) => id);
    if (news.length > 0) this.fresh = new Set([...this.fresh, ...news]);
    this.said = said;
    // It is seen now; the links' marks go, and those beside the comments stay.
    if (said.unread > 0) await host.call('comment.read', this.#where);
  }

  get #where() {
    return { ...this.#of, ...(this.#asset ? { asset: this.#asset } : {}) };
  }

  /** Where an answer goes: here, or to where the last comment is. */
  get answered(): Of | null {
    if (this.#of.album ?? this.#of.link) return this.#of;
    const last = this.said?.comments.at(-1);
    if (!last) return null;
    return last.album ? { album: last.album } : { link: last.link ?? undefined };
  }

  async earlier(): Promise<void> {
    this.#shown += page;
    await this.load();
  }

  async add(text: string): Promise<void> {
    const to = this.answered;
    if (!to) return;
    await host.call('comment.add', { ...this.#where, ...to, text });
    await this.load();
  }

  async edit(id: string, text: string): Promise<void> {
    await host.call('comment.edit', { id, text });
    await this.load();
  }

  async like(liked: boolean): Promise<void> {
    await host.call('comment.like', { ...this.#where, ...this.answered, take_back: !liked });
    await this.load();
  }
}
