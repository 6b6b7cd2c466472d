/**
 * The one door between the window and its node. Nothing else imports @tauri-apps, so the UI neither
 * knows nor cares whether it speaks to the desktop or, in development, to a sample library.
 */
import type { Commands } from './bindings/commands';
import type { Job } from './bindings/Job';
import type { Noun } from './bindings/Noun';
import type { ShowChunk } from './bindings/ShowChunk';
import { mustGather, reach, type Film, type Part } from './film/film';
import { m } from './paraglide/messages';

export type CommandName = keyof Commands;
export type Payload<N extends CommandName> = Commands[N]['payload'];
export type Reply<N extends CommandName> = Commands[N]['reply'];
export type Rendition = 'thumbnail' | 'preview' | 'original';

/** What this machine has itself: the photos of its library, and what waits in the inbox. */
export type OwnKeep = 'library' | 'inbox';

/** Where a picture is kept: here, or with the photos of another machine. */
export type Keep = OwnKeep | { machine: string };

/** Something changed in the library: a noun of the domain, and which one when that is known. */
export type Change = { noun: Noun; id: string | null };

export type Dropped = { kind: 'over' } | { kind: 'left' } | { kind: 'dropped'; paths: string[] };

/** A command that could not be carried out. `message` is a sentence a person can act on. */
export class CallError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.name = 'CallError';
    this.code = code;
  }
}

/** A wish from outside the window: files to open or to share, or a place to show. */
export type Asked =
  { kind: 'open' | 'share'; paths: string[] } | { kind: 'visit'; address: string };

/** What the menu in the system's tray says. */
export type TrayWords = { open: string; sharing: string; pause: string; quit: string };

export type Theme = 'system' | 'light' | 'dark';

/** The system around the window. */
export interface Outside {
  tellWords(words: TrayWords): Promise<void>;
  /** Hears what was asked from outside, also before the window was there. */
  onAsked(heard: (all: Asked[]) => void): () => void;
  /** The window was closed into the tray. */
  onHidden(heard: () => void): () => void;
  /** Albumen is to quit while so many visitors are connected. */
  onQuitting(heard: (visitors: number) => void): () => void;
  quit(): Promise<void>;
  notify(title: string, body: string): Promise<void>;
  startsAtLogin(): Promise<boolean>;
  startAtLogin(on: boolean): Promise<void>;
  setTheme(theme: Theme): Promise<void>;
}

/** What a shell around the UI must be able to do. */
export interface Host extends Outside {
  call<N extends CommandName>(name: N, payload: Payload<N>): Promise<Reply<N>>;
  /** Some rows of a grid, packed: the one answer that is not JSON. */
  chunk(payload: ShowChunk): Promise<ArrayBuffer>;
  onChange(heard: (change: Change) => void): () => void;
  onJob(heard: (job: Job) => void): () => void;
  /** Files from outside over the window; what is dragged out of it is not told. */
  onDrop(heard: (dropped: Dropped) => void): () => void;
  /** Hands the files of photos to where the pointer lets go of them, outside; done when it has. */
  dragOut(ids: string[]): Promise<void>;
  pictureUrl(id: string, rendition: Rendition, keep?: Keep): string;
  /** The page at `/share/<key>` as its visitors get it, for a frame in which nothing runs. */
  pageUrl(path: string): string;
  /** Where the map's tiles come from, with {z}, {x} and {y} in it: the shell asks the server that is set. */
  tileUrl(server: string): string;
  /**
   * A video, or a photo's live part, to play. Throws `NotYet` while it is still being converted; what
   * waits in the inbox is played as it came.
   */
  moving(id: string, part: Part, keep?: OwnKeep): Promise<Film>;
  chooseFolders(): Promise<string[]>;
  chooseFiles(): Promise<string[]>;
  saveAs(defaultName: string): Promise<string | null>;
  copyText(text: string): Promise<void>;
  openAddress(url: string): Promise<void>;
}

/** The shell in use; set once by `connect`, or by a test. */
export let host: Host;

export function use(chosen: Host): void {
  host = chosen;
}

/** Finds the shell around this page. Without one, development builds open the sample library. */
export async function connect(): Promise<void> {
  if ('__TAURI_INTERNALS__' in window) {
    use(await tauriHost());
  } else if (import.meta.env.DEV) {
    const { sampleHost } = await import('./sample/host');
    use(await sampleHost(new URLSearchParams(location.search)));
  } else {
    throw new CallError('no-host', m.no_host());
  }
}

/** Any thrown thing as a sentence. */
export function sentence(thrown: unknown): string {
  if (thrown instanceof Error) return thrown.message;
  if (typeof thrown === 'object' && thrown !== null && 'message' in thrown) {
    return String(thrown.message);
  }
  return String(thrown);
}

/** What of a picture stands in its address; the shell serves another machine's no originals. */
function pathOf(id: string, rendition: Rendition, keep: Keep): string {
  if (keep === 'library') return `${rendition}/${id}`;
  return keep === 'inbox'
    ? `inbox/${rendition}/${id}`
    : `remote/${keep.machine}/${id}/${rendition}`;
}

async function tauriHost(): Promise<Host> {
  const [
    { invoke, convertFileSrc },
    { listen },
    { getCurrentWebview },
    { getCurrentWindow },
    clipboard,
    opener,
  ] = await Promise.all([
    import('@tauri-apps/api/core'),
    import('@tauri-apps/api/event'),
    import('@tauri-apps/api/webview'),
    import('@tauri-apps/api/window'),
    import('@tauri-apps/plugin-clipboard-manager'),
    import('@tauri-apps/plugin-opener'),
  ]);

  async function ask<T>(command: string, payload: Record<string, unknown>): Promise<T> {
    try {
      return await invoke<T>(command, payload);
    } catch (thrown) {
      const code =
        typeof thrown === 'object' && thrown !== null && 'code' in thrown
          ? String(thrown.code)
          : 'failed';
      throw new CallError(code, sentence(thrown));
    }
  }

  /** Tauri answers a subscription with a promise of its end; the UI wants the end at once. */
  function until(subscription: Promise<() => void>): () => void {
    return () => void subscription.then((end) => end());
  }

  let dragging = false;

  return {
    call: (name, payload) => ask('call', { name, payload }),
    chunk: (payload) => ask('chunk', { payload }),
    onChange: (heard) => until(listen<Change>('change', (event) => heard(event.payload))),
    onJob: (heard) => until(listen<Job>('job', (event) => heard(event.payload))),
    onDrop: (heard) =>
      until(
        getCurrentWebview().onDragDropEvent(({ payload }) => {
          if (dragging) return;
          if (payload.type === 'drop') heard({ kind: 'dropped', paths: payload.paths });
          else if (payload.type === 'leave') heard({ kind: 'left' });
          else heard({ kind: 'over' });
        }),
      ),
    dragOut: async (ids) => {
      dragging = true;
      try {
        await ask('drag_out', { ids });
      } finally {
        dragging = false;
      }
    },
    tileUrl: () => `${convertFileSrc('', 'tile')}{z}/{x}/{y}`,
    pageUrl: (path) => convertFileSrc('', 'page') + path.slice(1),
    pictureUrl: (id, rendition, keep = 'library') =>
      convertFileSrc(pathOf(id, rendition, keep), 'photo'),
    moving: (id, part, keep = 'library') =>
      reach(
        convertFileSrc(keep === 'inbox' ? `inbox/original/${id}` : `${part}/${id}`, 'photo'),
        mustGather(navigator.userAgent),
      ),
    chooseFolders: () => ask('choose_folders', {}),
    chooseFiles: () => ask('choose_files', {}),
    saveAs: (defaultName) => ask('save_as', { defaultName }),
    copyText: (text) => clipboard.writeText(text),
    openAddress: (url) => opener.openUrl(url),
    tellWords: (words) => ask('tell_words', { words }),
    onAsked: (heard) => {
      const take = () => void ask<Asked[]>('take_asked', {}).then(heard, () => {});
      const end = until(listen('asked', take));
      take();
      return end;
    },
    onHidden: (heard) => until(listen('hidden', heard)),
    onQuitting: (heard) => until(listen<number>('quitting', (event) => heard(event.payload))),
    quit: () => ask('quit', {}),
    notify: (title, body) => ask('notify', { title, body }),
    startsAtLogin: () => ask('starts_at_login', {}),
    startAtLogin: (on) => ask('start_at_login', { on }),
    setTheme: (theme) => getCurrentWindow().setTheme(theme === 'system' ? null : theme),
  };
}
