// Paths over a flow or machine, and what was covered of it.
export type { CoverTarget } from './chart.js';
export { type Cover, coverFlow } from './cover-flow.js';
export type { Allows, CoverPath, CoverStep } from './cover-path.js';
export { type Coverage, type CoverItem, type CoverStatus, coverage } from './coverage.js';
export { coverageJson, coverageText, coverageVersion, mergeCoverage } from './coverage-text.js';
export { type JobLimits, jobAllows } from './job-allows.js';
export type { RecordedTransition } from './records.js';
export type { CoverOptions } from './survey.js';
