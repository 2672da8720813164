// One job, given to the real worker: is it taken, or refused, as its schema says?
import { type Subject, type SubjectJob, subjectWith } from './subject.js';
import { jobId, World } from './world.js';

export async function checkJob(
  subject: Subject,
  { job, wanted }: { readonly job: SubjectJob; readonly wanted: 'valid' | 'invalid' },
): Promise<readonly string[]> {
  const world = new World(subjectWith(subject, job));
  await world.start();
  await world.do({ does: 'send', job: 'valid' });
  const isRefused = world.moves.some(({ to }) => to === 'invalid');
  const broken: string[] = [];
  if (isRefused !== (wanted === 'invalid')) broken.push(`states: it was ${isRefused ? 'refused' : 'taken'}`);
  broken.push(...(await world.toItsEnd()).map((sentence) => `bus: ${sentence}`));
  const final = world.replies.get(jobId)?.find((body) => !body.includes('"started"')) ?? 'nothing';
  const isFailed = final.startsWith('{"status":"failed"');
  if (isFailed !== (wanted === 'invalid')) broken.push(`bus: it was answered with ${final}`);
  return broken;
}
