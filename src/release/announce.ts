// What an engine tells those whom a step's `notify` lists: that it was sent, completed, failed.
import type { Notification, ReplyStatus } from '../contract/message-format.js';
import type { PlannedJob } from './plan.js';

const verbs = { started: 'Started', completed: 'Completed', failed: 'Failed' } as const;

/** One notification for each transport of the phase; nobody listed: none. `data`: of the final reply. */
export function announcements(
  { planned, source }: PlannedJob,
  { status, data }: { readonly status: ReplyStatus; readonly data?: unknown },
): readonly Notification[] {
  const transports = Object.hasOwn(source.notify, status) ? source.notify[status] : undefined;
  if (transports === undefined) return [];
  // As the original engine has it, with its reply behind it, but JSON where that writes Python.
  const step = JSON.stringify({
    [source.step]: {
      ...source.parameters,
      notify: source.notify,
      command: source.worker,
      subcommand: source.subcommand,
      hosts: [planned.host],
    },
  });
  const reply = status === 'started' ? '' : ` with status: ${JSON.stringify({ status, data })}`;
  const message = `${verbs[status]} step: ${step}${reply}`;
  return Object.entries(transports).map(([transport, target]) => ({
    phase: status,
    transport,
    slug: message,
    message,
    target,
  }));
}
