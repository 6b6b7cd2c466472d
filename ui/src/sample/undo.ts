/** What can be undone in the sample library, newest first; like the node's, in memory. */
import type { Undo } from '../bindings/Undo';
import { CallError } from '../host';

type Step = () => void;

/** How many commands can be undone. */
const kept = 100;

export class SampleUndo {
  #done: { undo: Undo; steps: Step[] }[] = [];

  /** Runs a command that gives back how to undo each of its steps. One that fails leaves nothing. */
  record<T>(command: string, act: (back: (step: Step) => void) => T): T {
    const steps: Step[] = [];
    try {
      const reply = act((step) => steps.unshift(step));
      if (steps.length > 0) {
        const undo = { command, made_at: new Date().toISOString() };
        this.#done = [{ undo, steps }, ...this.#done].slice(0, kept);
      }
      return reply;
    } catch (thrown) {
      for (const step of steps) step();
      throw thrown;
    }
  }

  last(): Undo {
    const last = this.#done.shift();
    if (!last) throw new CallError('wrong', 'There is nothing to undo.');
    for (const step of last.steps) step();
    return last.undo;
  }

  get list(): Undo[] {
    return this.#done.map(({ undo }) => ({ ...undo }));
  }
}
