// What one worker did about one job, as far as the bus shows it.

export interface Dealings {
  readonly worker: string;
  readonly id: string;
  deliveryCount: number;
  redeliveredCount: number;
  /** Of those it still has, or has settled for good. */
  keptCount: number;
  acknowledgedCount: number;
  rejectedCount: number;
  startedCount: number;
  finalCount: number;
  confirmedFinalCount: number;
  returnedCount: number;
  resentCount: number;
  letterCount: number;
  answeredLetterCount: number;
  /** Negative confirms. */
  refusedCount: number;
  /** By message id: of final replies. */
  readonly refusedFinals: Map<string, number>;
  readonly finals: Set<string>;
}

export function noDealings(worker: string, id: string): Dealings {
  return {
    worker,
    id,
    deliveryCount: 0,
    redeliveredCount: 0,
    keptCount: 0,
    acknowledgedCount: 0,
    rejectedCount: 0,
    startedCount: 0,
    finalCount: 0,
    confirmedFinalCount: 0,
    returnedCount: 0,
    resentCount: 0,
    letterCount: 0,
    answeredLetterCount: 0,
    refusedCount: 0,
    refusedFinals: new Map(),
    finals: new Set(),
  };
}
