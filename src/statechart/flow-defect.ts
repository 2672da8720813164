// What can be wrong with a flow. Each kind has a short code of its own; docs/flows.md lists them.

/** Stable: scripts may compare them. */
export type FlowDefectCode =
  | 'SHAPE_INVALID'
  | 'KEY_UNKNOWN'
  | 'NAME_INVALID'
  | 'BRANCH_UNREACHABLE'
  | 'TARGET_UNKNOWN'
  | 'STATE_UNREACHABLE'
  | 'DESCRIPTION_MISSING'
  | 'DEADLINE_MISSING'
  | 'DEADLINE_UNKNOWN'
  | 'EVENT_UNKNOWN'
  | 'EVENT_UNANSWERED'
  | 'EVENT_RESERVED'
  | 'EVENT_UNUSED'
  | 'ACTION_UNKNOWN'
  | 'ACTION_RESERVED'
  | 'GUARD_UNKNOWN'
  | 'ACTOR_UNKNOWN'
  | 'IMPLEMENTATION_UNUSED'
  | 'ALWAYS_CYCLE'
  | 'STOP_UNANSWERED'
  | 'CANCEL_UNANSWERED'
  | 'LOSS_UNANSWERED'
  | 'REST_MISSING'
  | 'REST_EARLY'
  | 'OUTCOME_MISSING'
  | 'REPLY_MISSING'
  | 'REPLY_TWICE'
  | 'REPLY_AFTER_FINAL'
  | 'SETTLE_MISSING'
  | 'SETTLE_TWICE';

/** One thing that is wrong, where, and what to write instead. */
export interface FlowDefect {
  readonly code: FlowDefectCode;
  /** null: the flow as a whole. */
  readonly state: string | null;
  /** One line. */
  readonly message: string;
}

export type Found = (code: FlowDefectCode, state: string | null, message: string) => void;
