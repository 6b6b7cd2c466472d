/** How links are served in the sample library: `reach` says what asking their address tells. */
import type { Outcome } from '../bindings/Outcome';
import type { Probe } from '../bindings/Probe';
import type { ProbeFinding } from '../bindings/ProbeFinding';
import type { Sharing } from '../bindings/Sharing';
import type { Change } from '../host';
import { CallError } from '../host';
import type { SampleLibrary } from './library';

const outside = '9.8.7.6:8477';
const inside = 'http://192.168.1.5:8477';
const outcomes: Partial<Record<ProbeFinding, Outcome>> = {
  near: 'this_network',
  near_unmapped: 'this_network',
  open: 'internet',
  silent_outside: 'unsure',
};

export function sharingAnswers(
  library: SampleLibrary,
  wishes: URLSearchParams,
  announce: (noun: Change['noun']) => void,
) {
  let set = { public_url: '', listen: '', trusted_proxies: '', certificate: '', key: '' };
  let mapped = wishes.get('mapping') === 'on';

  const held = () => library.sharing && mapped;
  const address = () => set.public_url || (held() ? `http://${outside}` : inside);
  const probe = (): Probe => {
    const finding = library.sharing
      ? ((wishes.get('reach') ?? (held() ? 'open' : 'near')) as ProbeFinding)
      : 'off';
    return {
      outcome: outcomes[finding] ?? 'unreachable',
      finding,
      address: library.sharing ? address() : null,
      says: '',
      at: '2026-11-26T12:00:00Z',
    };
  };
  const now = (): Sharing => ({
    on: library.sharing,
    wanted: library.sharing,
    reach: library.sharing ? (held() ? 'public' : 'this network') : 'off',
    address: library.sharing ? address() : null,
    addresses: library.sharing
      ? [
          ...(address() === inside ? [] : [{ url: address(), scope: 'internet' as const }]),
          { url: inside, scope: 'this network' },
          { url: 'http://[fd00::5]:8477', scope: 'this network' },
          { url: 'http://desk.local:8477', scope: 'this network' },
        ]
      : [],
    problem: null,
    visitors: 0,
    listen: set.listen || null,
    public_url: set.public_url || null,
    trusted_proxies: set.trusted_proxies || null,
    certificate: set.certificate || null,
    key: set.key || null,
    mapping: {
      wanted: mapped,
      state: held() ? 'held' : 'off',
      outside: held() ? outside : null,
      by: held() ? 'UPnP' : null,
      problem: null,
    },
    probe: library.sharing ? probe() : null,
  });
  return {
    now,
    answers: {
      'link.probe': probe,
      'sharing.show': now,
      'sharing.set': ({
        on,
        port_mapping,
        ...rest
      }: { on?: boolean; port_mapping?: boolean } & Partial<typeof set>) => {
        if (rest.public_url?.startsWith('ftp:'))
          throw new CallError('public_url', `“${rest.public_url}” is not a public address.`);
        library.sharing = on ?? library.sharing;
        mapped = port_mapping ?? mapped;
        set = { ...set, ...rest };
        announce('sharing');
        return now();
      },
    },
  };
}
