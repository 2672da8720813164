// A bug that somebody could have written.

export interface Mutant {
  /** What goes wrong, in a few words. */
  readonly name: string;
  /** What it strikes, by name: `state failed, settle path settled, promise I1`. */
  readonly about: string;
  /** Path of the file that is changed. */
  readonly file: string;
  /** What stands there, once. */
  readonly find: string;
  readonly replace: string;
  /** Why no simulation can find it; tests have to. */
  readonly unseenBySimulation?: string;
}
