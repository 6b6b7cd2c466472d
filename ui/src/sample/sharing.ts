/** How links are served in the sample library: `reach` says what asking their address tells. */
import type { Outcome } from '../bindings/Outcome';
import type { Probe } from '../bindings/Probe';
import type { ProbeFinding } from '../bindings/ProbeFinding';
import type { Sharing } from '../bindings/Sharing';
import type { Change } from '../host';
import { CallError } from '../host';
import type { SampleLibrary } from './library';

const directory = 'https://acme-v02.api.letsencrypt.org/directory';
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
  let set = {
    public_url: '',
    listen: '',
    trusted_proxies: '',
    certificate: '',
    key: '',
    redirect: '',
    hsts: true,
    metrics: '',
  };
  let named = { names: '', acme_contact: '', accept_acme_terms: false };
  let mapped = wishes.get('mapping') === 'on';

  const held = () => library.sharing && mapped;
  const names = () => named.names.split(/[ ,]+/).filter((name) => name !== '');
  const certified = () => named.accept_acme_terms && set.certificate === '' && names().length > 0;
  const address = () =>
    set.public_url ||
    (certified() ? `https://${names()[0]}` : held() ? `http://${outside}` : inside);
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
    acme: {
      names: names(),
      contact: named.acme_contact || null,
      directory,
      terms: 'https://letsencrypt.org/repository/',
      accepted: named.accept_acme_terms,
      certificates: certified()
        ? names().map((name, index) => ({
            name,
            until: index === 0 ? '2027-02-24T12:00:00Z' : null,
            next: null,
            problem: null,
          }))
        : [],
    },
    redirect: set.redirect || null,
    hsts: set.hsts,
    metrics: set.metrics || null,
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
        names,
        acme_contact,
        accept_acme_terms,
        ...rest
      }: { on?: boolean; port_mapping?: boolean } & Partial<typeof set & typeof named>) => {
        if (rest.public_url?.startsWith('ftp:'))
          throw new CallError('public_url', `“${rest.public_url}” is not a public address.`);
        if (rest.metrics && !rest.metrics.startsWith('127.'))
          throw new CallError('metrics', `${rest.metrics} can be reached by others.`);
        library.sharing = on ?? library.sharing;
        mapped = port_mapping ?? mapped;
        if (names?.includes('://'))
          throw new CallError('names', `«${names}» is no name that visitors can come by.`);
        named = {
          names: names ?? named.names,
          acme_contact: acme_contact ?? named.acme_contact,
          accept_acme_terms: accept_acme_terms ?? named.accept_acme_terms,
        };
        set = { ...set, ...rest };
        announce('sharing');
        return now();
      },
    },
  };
}
