/** The PIN of the sample library, and what it opens. */
import { CallError, type Change, type CommandName } from '../host';
import type { Answers } from './host';
import type { SampleLibrary } from './library';

type Opening = Exclude<Extract<CommandName, `lock.${string}`>, 'lock.add' | 'lock.remove'>;

const openFor = 5 * 60_000;

/** `pin`: the PIN there is already; `locked=open`: they are open from the start. */
export function lockAnswers(
  library: SampleLibrary,
  wishes: URLSearchParams,
  announce: (noun: Change['noun']) => void,
): Pick<Answers, Opening> {
  let kept = wishes.get('pin');
  library.lockedOpen = wishes.get('locked') === 'open';
  const state = () => ({
    has_pin: kept !== null,
    open: library.lockedOpen,
    closes_in_ms: library.lockedOpen ? Number(wishes.get('closes') ?? openFor) : 0,
  });
  function turn(open: boolean) {
    library.lockedOpen = open;
    announce('locked');
    return state();
  }
  function check(pin: string | undefined) {
    if (kept !== null && pin !== kept) throw new CallError('wrong_pin', 'That is not the PIN.');
  }
  return {
    'lock.show': state,
    'lock.pin': ({ pin, old }) => {
      check(old);
      if (pin.length < 4)
        throw new CallError('wrong', 'A PIN has at least 4 characters and at most 1 KiB.');
      kept = pin;
      return turn(true);
    },
    'lock.open': ({ pin }) => {
      check(pin);
      return turn(true);
    },
    'lock.close': () => turn(false),
  };
}
