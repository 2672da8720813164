// The engine's side for programs: playbooks, and playing them against workers.
export { checkDynamic } from './dynamic.js';
export { type PlayOptions, playRelease } from './play.js';
export { type Playbook, type PlaybookStep, parsePlaybook, readPlaybook, type Sequence } from './playbook.js';
export type { PlannedStep, ReleaseEvent, ReleaseSummary, StepSummary } from './release-event.js';
