// The job's machine in any of its states, for tests that use it as a function.
import type { AnyMachineSnapshot, AnyStateMachine } from 'xstate';
import {
  type Acknowledge,
  createJobFlow,
  createJobMachine,
  type JobContext,
  type JobPolicy,
  type JobState,
} from '../../machines/index.js';
import type { Received } from '../../src/contract/message.js';

export const delivery: Received = {
  body: Buffer.from('{}'),
  properties: {},
  exchange: 're',
  routingKey: 'worker.noop',
  headersReadable: true,
};
const address = { replyTo: 'reply', correlationId: 'release 1' };
export const refusal = { code: 'STEP_UNKNOWN', message: 'no step of that name' } as const;
export const valid = { address, step: 'Seconds', problem: null, attemptLimit: 3 };
export const invalid = { address, step: null, problem: refusal };

export const machineThat = (parsed: typeof valid | typeof invalid, policy: JobPolicy = {}): AnyStateMachine =>
  createJobMachine({ parse: () => parsed, effects: {} }, createJobFlow(policy));
export const machine = machineThat(valid);

export type At = { readonly state: JobState<Acknowledge>; readonly context?: Partial<JobContext> };

export const at = ({ state, context = {} }: At, of: AnyStateMachine = machine): AnyMachineSnapshot =>
  of.resolveState({
    value: state,
    context: { delivery, parsed: valid, outcome: null, history: null, ...context },
  });
