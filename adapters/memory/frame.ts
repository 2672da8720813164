// What a connection carries: frames to the broker, news to the client. Each way keeps its order.

/** One thing that a client asks of the broker. */
export interface Frame {
  /** The channel it was sent on; null: one of its own, which nothing else can close. */
  readonly channel: { readonly ended: boolean } | null;
  /** An alarm stops the reading at the first publish; what was sent after it waits too. */
  readonly publishes: boolean;
  /** A publish whose receipt is waited for. */
  readonly receipt?: boolean;
  run(): void;
  /** The broker will never read it: its channel or connection ended. */
  drop?(error: Error): void;
}

/** One thing that the broker tells a client. */
export interface News {
  run(): void;
  /** The client will never hear it, and learns now that its connection ended. */
  drop?(error: Error): void;
}

/** What becomes of a publish with a receipt: an operator may have it refused, or its confirm lost. */
export type Fate = 'taken' | 'refused' | 'unconfirmed';

/** A connection, as its channels see it. */
export interface Wire {
  readonly name: string;
  /** false: taken, but more is under way than is good. */
  send(frame: Frame): boolean;
  /** Heard at once; under a scheduler behind all that is under way to the client. */
  tell(run: () => void, drop?: (error: Error) => void): void;
  /** The same, but never at once. */
  tellLater(run: () => void, drop?: (error: Error) => void): void;
  fate(): Fate;
}
