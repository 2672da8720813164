// What the names mean that a runtime brings to a flow, as far as a check needs to know. Plain data, part of the flow: so
// the check knows nothing of jobs but what stands here, and a flow for another runtime is checked by the same rules.

export interface ActionMeaning {
  /** Sends `started`, or the final reply of this kind. */
  readonly replies?: 'started' | 'completed' | 'failed';
  /** Settles the delivery; `requeue` only where that was not done. */
  readonly settles?: 'acknowledge' | 'reject' | 'requeue';
  /** The final reply is known from here on; `event`: its kind is that of the event. */
  readonly keeps?: 'completed' | 'failed' | 'event' | 'nothing';
  /** The job ends here without a final reply that arrived, and is counted so. */
  readonly ends?: 'unanswered' | 'lost' | 'given back';
  /** Whether a reply arrived is not known, or it did not: the final one may be sent once more. */
  readonly doubts?: true;
  /** The lane can be given the next delivery. */
  readonly rests?: true;
  /** Whether the job is valid is not known before. */
  readonly parses?: true;
}

export interface Vocabulary {
  readonly events: readonly string[];
  readonly actions: Readonly<Record<string, ActionMeaning>>;
  /** What is known where the guard holds; null: nothing. */
  readonly guards: Readonly<Record<string, 'valid' | 'invalid' | 'completed' | 'lost' | 'unsettled' | null>>;
  readonly actors: readonly string[];
  readonly deadlines: readonly string[];
  /** What a new state that waits answers by itself. */
  readonly standard: {
    readonly on: Readonly<Record<string, { readonly target: string; readonly actions?: string }>>;
    /** Added to a way into a state that sends a final reply, where none of its actions keeps one. */
    readonly keep: string;
  };
}
