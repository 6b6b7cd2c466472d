/** The one sheet or menu that may be open over the window. */
import type { Link } from '../bindings/Link';
import type { MenuItem, MenuPlace } from '../shared/menu';
import type { Question } from '../shared/question';

export type OpenSheet =
  | {
      kind: 'share';
      subject: { album: string } | { assets: string[] } | { link: Link };
      name: string;
      /** Visitors are to add photos, whatever new links allow else. */
      inviting?: boolean;
    }
  /** An album whose visitors are to add photos is to be chosen. */
  | { kind: 'invite' }
  | { kind: 'wall'; album: string; title: string }
  | { kind: 'new album'; assets: string[]; inviting?: boolean }
  | { kind: 'add to album'; assets: string[] }
  | { kind: 'add to link'; assets: string[] }
  | { kind: 'sources'; album?: string }
  | { kind: 'edit'; assets: string[] }
  | {
      kind: 'place';
      assets: string[];
      at: { latitude: number; longitude: number } | null;
    }
  | { kind: 'link'; id: string }
  | { kind: 'comments'; album: string; title: string }
  | { kind: 'people'; album: string }
  | { kind: 'editor links'; album: string }
  /** One's library is to be shown: to somebody that is to be chosen, or by other rules. */
  | { kind: 'partner'; person?: string }
  | { kind: 'links of'; asset: string }
  | { kind: 'sharing' }
  | { kind: 'keys' }
  /** A machine is to be connected: to this one, or this one to that which sent the invitation. */
  | { kind: 'connect'; invitation?: string }
  | { kind: 'address of'; machine: string }
  /** Photos that are on this machine alone. */
  | { kind: 'alone' }
  /** A machine of one's own that may be lost. */
  | { kind: 'lost'; machine: string }
  | (Question & {
      kind: 'ask';
      /** The question is over, however it was answered. */
      over?: () => void;
    });

class Sheets {
  open = $state.raw<OpenSheet | null>(null);
  menu = $state.raw<{ items: MenuItem[]; at: MenuPlace; label: string } | null>(null);

  close(): void {
    this.open = null;
  }
}

export const sheets = new Sheets();
