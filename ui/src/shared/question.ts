/** What is asked before something is done. */
export type Question = {
  title: string;
  text: string;
  /** What doing it is called. */
  verb: string;
  /** Nothing is lost by it, and it can be taken back. */
  harmless?: boolean;
  confirm: () => Promise<void>;
};
