/** What is said of how far links reach. */
import type { AddressScope } from '../bindings/AddressScope';
import type { Mapping } from '../bindings/Mapping';
import type { Outcome } from '../bindings/Outcome';
import type { Probe } from '../bindings/Probe';
import type { ProbeFinding } from '../bindings/ProbeFinding';
import type { Sharing } from '../bindings/Sharing';
import { m } from '../paraglide/messages';

const badges: Record<Outcome, () => string> = {
  this_network: m.badge_this_network,
  internet: m.badge_internet,
  unreachable: m.badge_unreachable,
  unsure: m.badge_unsure,
};

const findings: Record<ProbeFinding, (at: { address: string }) => string> = {
  open: m.finding_open,
  open_here: m.finding_open_here,
  near: m.finding_near,
  near_unmapped: m.finding_near_unmapped,
  near_shared: m.finding_near_shared,
  off: m.finding_off,
  alone: m.finding_alone,
  ended: m.finding_ended,
  no_name: m.finding_no_name,
  silent: m.finding_silent,
  silent_outside: m.finding_silent_outside,
  elsewhere: m.finding_elsewhere,
  wrong_host: m.finding_wrong_host,
  proxy_alone: m.finding_proxy_alone,
  leads_on: m.finding_leads_on,
  certificate_name: m.finding_certificate_name,
  certificate_time: m.finding_certificate_time,
  certificate_unknown: m.finding_certificate_unknown,
  no_https: m.finding_no_https,
};

const scopes: Record<AddressScope, () => string> = {
  'this machine': m.scope_machine,
  'this network': m.scope_network,
  internet: m.scope_internet,
};

const titles: Record<Outcome, () => string> = {
  this_network: m.reach_network_title,
  internet: m.reach_public_title,
  unreachable: m.badge_unreachable,
  unsure: m.badge_unsure,
};

export function badge(outcome: Outcome): string {
  return badges[outcome]();
}

export function scopeWords(scope: AddressScope): string {
  return scopes[scope]();
}

/** What a probe found, and the one thing to do. */
export function probeSentence({ finding, address }: Probe): string {
  return findings[finding]({ address: address ?? '' });
}

/** One plain sentence on who can open a link now: what was seen, before what is meant. */
export function reachSentence(sharing: Sharing): string {
  if (sharing.on && sharing.probe) return probeSentence(sharing.probe);
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

/** Whatever `reachSentence` may say, each with the longest badge before it. */
export function everySentence(): string[] {
  // As long as addresses of a home network are.
  const address = 'http://192.168.100.100:8477';
  const longest = Object.values(badges)
    .map((say) => say())
    .sort((a, b) => b.length - a.length)[0];
  const found = Object.values(findings).map((say) => `${longest} \u2003${say({ address })}`);
  return [
    ...new Set([m.reach_off(), m.reach_machine(), m.reach_network(), m.reach_public(), ...found]),
  ];
}

export function reachTitle(sharing: Sharing): string {
  if (sharing.on && sharing.probe) return titles[sharing.probe.outcome]();
  switch (sharing.reach) {
    case 'off':
      return m.reach_off_title();
    case 'this machine':
      return m.reach_machine_title();
    case 'this network':
      return m.reach_network_title();
    case 'public':
      return m.reach_checking_title();
  }
}

/** How it is with the port of the router's. */
export function mappingSentence(mapping: Mapping): string {
  const { outside, by } = mapping;
  if (!mapping.wanted) return m.mapping_off();
  switch (mapping.state) {
    case 'off':
      return m.mapping_waiting();
    case 'asking':
      return m.mapping_asking();
    case 'held':
      return m.mapping_held({ outside: outside ?? '', by: by ?? '' });
    case 'shared':
      return m.mapping_shared({ outside: outside ?? '' });
    case 'refused':
      return mapping.problem ?? '';
    case 'absent':
      return m.mapping_absent();
  }
}
