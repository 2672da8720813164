// Paths for tests, made of a flow or machine alone.
import type { CoverTarget } from './chart.js';
import { type CoverPath, pathOf } from './cover-path.js';
import { type Coverage, report } from './coverage.js';
import { seenInPaths } from './seen.js';
import { type CoverOptions, surveyOf } from './survey.js';
import { tour } from './tour.js';

export interface Cover {
  /** Each begins where the machine does, and ends there again or where the machine has ended, if it can. */
  readonly paths: readonly CoverPath[];
  /** What the paths cover; what is left out cannot be done. */
  readonly coverage: Coverage;
}

/**
 * Few paths that take every transition, those included that need no event, and in which each guard is true and false
 * wherever it is asked. Throws OPTION_INVALID for what is no flow and no machine, FLOW_INVALID for a flow that cannot be read.
 */
export function coverFlow(target: CoverTarget, options: CoverOptions = {}): Cover {
  const survey = surveyOf(target, options);
  const paths = tour(survey.allowed).map(pathOf);
  return { paths, coverage: report(survey, [seenInPaths(survey, paths)]) };
}
