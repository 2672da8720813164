// One thing that a connection asks of the broker; the broker reads them in order.

export interface Frame {
  /** The channel it was sent on; null: one of its own, which nothing else can close. */
  readonly channel: { readonly ended: boolean } | null;
  /** An alarm stops the reading at the first publish; what was sent after it waits too. */
  readonly publishes: boolean;
  run(): void;
  /** The broker will never read it: its channel or connection ended. */
  drop?(error: Error): void;
}

/** The way from a client to the broker. */
export interface Wire {
  readonly name: string;
  /** false: taken, but more is under way than is good. */
  send(frame: Frame): boolean;
}
