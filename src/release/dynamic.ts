// Whether a release was given every dynamic value that its steps ask for.
import type { Playbook } from './playbook.js';

/** Throws DYNAMIC_MISSING with names, steps and lines. */
export declare function checkDynamic(playbook: Playbook, values: Readonly<Record<string, unknown>>): void;
