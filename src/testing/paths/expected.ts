// Bodies of replies, written by hand from docs/wire.md: the second judge of what a worker says. They come from no code of the
// runtime, so that a change of its words or forms is seen.
import { isMachine } from '../../statechart/embed-machine.js';
import type { Flow } from '../../statechart/flow.js';
import type { Worker } from '../../worker/definition.js';
import type { Deed } from './stimuli.js';

const started = '{"status":"started"}';
const completed = '{"status":"completed","data":{"done":true}}';
const failing = {
  failed: '{"status":"failed","data":{"why":"as tested"}}',
  thrown:
    '{"status":"failed","data":{"code":"STEP_THREW","message":"the step threw Error: thrown as tested"}}',
  late: '{"status":"failed","data":{"code":"DEADLINE_PASSED","message":"the step ran longer than its deadline"}}',
  cancelled: '{"status":"failed","data":{"code":"CANCELLED","message":"the job was cancelled: as tested"}}',
  again:
    '{"status":"failed","data":{"code":"REDELIVERED","message":"the job was delivered before: it may have been begun"}}',
  unknown:
    '{"status":"failed","data":{"code":"REPLY_UNKNOWN","message":"whether `started` arrived is not known; the step was not begun"}}',
} as const;
/** A job that is refused is told why: at least a code and a sentence. */
const refused = /^\{"status":"failed","data":\{"code":"[A-Z_]+","message":"[^"\\]+(?:\\.[^"\\]*)*".*\}\}$/;
const anyReply = /^\{"status":"(started|completed|failed)"(,"data":.+)?\}$/s;

/** What is wrong with these bodies, after these deeds; null: nothing. */
export function wrongBody(
  bodies: readonly string[],
  { deeds, worker }: { readonly deeds: readonly Deed[]; readonly worker: Worker },
): string | null {
  const isOwn = isMachine(worker.flow) || (worker.flow as unknown as Flow).id !== 'job';
  const allowed: readonly (string | RegExp)[] = isOwn
    ? [anyReply]
    : [
        started,
        completed,
        ...deeds.flatMap(failures),
        ...(worker.redelivered === 'fail' ? [failing.again] : []),
      ];
  const wrong = bodies.find(
    (body) => !allowed.some((form) => (typeof form === 'string' ? form === body : form.test(body))),
  );
  return wrong === undefined ? null : `no reply that fits what happened: ${wrong}`;
}

function failures(deed: Deed): readonly (string | RegExp)[] {
  switch (deed.does) {
    case 'send':
      return deed.job === 'invalid' ? [refused] : [];
    case 'end':
      return [deed.how === 'thrown' ? failing.thrown : failing.failed];
    case 'wait':
      return [failing.late, failing.unknown];
    case 'cut':
      return [failing.unknown];
    case 'cancel':
      return [failing.cancelled];
    default:
      return [];
  }
}
