// Keeps what happened in a release: tells it as events, sums it up at the end.

import type { ClientLogger } from '../client/client.js';
import type { Clock } from '../clock.js';
import type { Problem } from '../contract/errors.js';
import type { PlannedStep, ReleaseEvent, ReleaseSummary, StepSummary } from './release-event.js';

export interface ReleaseRecord {
  started(): void;
  dispatched(step: PlannedStep): void;
  stepStarted(step: PlannedStep): void;
  completed(step: PlannedStep, outcome: { readonly data?: unknown }): void;
  failed(step: PlannedStep, outcome: { readonly data?: unknown; readonly problem?: Problem }): void;
  /** Every step that has no outcome yet. */
  skipRest(): void;
  output(line: { readonly appId: string | null; readonly message: unknown }): void;
  warn(message: string, step?: PlannedStep): void;
  /** To be called once, at the end. */
  ended(outcome: 'completed' | 'failed'): ReleaseSummary;
}

export interface RecordOptions {
  readonly release: string;
  readonly group: string;
  readonly steps: readonly PlannedStep[];
  readonly clock: Clock;
  readonly logger: ClientLogger;
  readonly onEvent: ((event: ReleaseEvent) => void) | undefined;
}

const warningsLimitCount = 1_000;

export function createRecord({
  release,
  group,
  steps,
  clock,
  logger,
  onEvent,
}: RecordOptions): ReleaseRecord {
  const outcomes = new Map<number, StepSummary>();
  const dispatchedAt = new Map<number, number>();
  const warnings: string[] = [];
  const startedAt = clock.now();
  let current: PlannedStep | null = null;

  function tell(event: ReleaseEvent): void {
    try {
      onEvent?.(event);
    } catch (error) {
      logger.warn({ release, err: error }, 'onEvent of a release threw');
    }
  }

  function keep(
    step: PlannedStep,
    outcome: Omit<StepSummary, keyof PlannedStep | 'startedAt' | 'endedAt'>,
  ): number {
    const at = clock.now();
    const began = dispatchedAt.get(step.index) ?? null;
    outcomes.set(step.index, { ...step, ...outcome, startedAt: began, endedAt: began === null ? null : at });
    return at;
  }

  return {
    started: () => tell({ type: 'release.started', at: startedAt, release, group, steps }),
    dispatched(step) {
      current = step;
      const at = clock.now();
      dispatchedAt.set(step.index, at);
      tell({ type: 'step.dispatched', at, step });
    },
    stepStarted: (step) => tell({ type: 'step.started', at: clock.now(), step }),
    completed(step, outcome) {
      const at = keep(step, { outcome: 'completed', ...outcome });
      tell({ type: 'step.completed', at, step, ...outcome });
    },
    failed(step, outcome) {
      const at = keep(step, { outcome: 'failed', ...outcome });
      tell({ type: 'step.failed', at, step, ...outcome });
    },
    skipRest() {
      for (const step of steps) {
        if (outcomes.has(step.index)) continue;
        tell({ type: 'step.skipped', at: keep(step, { outcome: 'skipped' }), step });
      }
    },
    output({ appId, message }) {
      const text = typeof message === 'string' ? message : JSON.stringify(message);
      tell({ type: 'output', at: clock.now(), step: current, appId, message: text });
    },
    warn(message, step) {
      if (warnings.length < warningsLimitCount) warnings.push(message);
      tell({ type: 'warning', at: clock.now(), step: step ?? null, message });
    },
    ended(outcome) {
      const endedAt = clock.now();
      const summary: ReleaseSummary = {
        release,
        group,
        outcome,
        steps: steps.flatMap((step) => outcomes.get(step.index) ?? []),
        warnings,
        startedAt,
        endedAt,
      };
      tell({ type: 'release.ended', at: endedAt, summary });
      return summary;
    },
  };
}
