// Sends one HTTP request and holds the status code of the answer against the expected one: for health checks and web hooks.
import { unescape as decode } from 'node:querystring';
import { defineWorker, failed, numeric, rememberSecret, type StepContext, step } from 'needful-worker';
import { z } from 'zod';

/** From the request to the head of the answer, redirects included. */
const deadlineMs = 60_000;

const missing = (name: string) => `Missing input '${name}'`;
const address = {
  url: z
    .string(missing('url'))
    .trim()
    .refine((text) => /^https?:\/\//i.test(text) && URL.canParse(text), 'expected an http or https URL'),
  code: numeric().pipe(z.int().min(100).max(599)).default(200),
};
const bare = z.object(address);
const withContent = z
  .object({
    ...address,
    content: z.string(missing('content')),
    contenttype: z
      .string(missing('contenttype'))
      .regex(/^[ -~]+$/, 'expected one line of printable ASCII, such as application/json'),
    b64encoded: z.boolean().default(false),
  })
  .transform(({ content, b64encoded, ...rest }, { addIssue }) => {
    if (!b64encoded) return { ...rest, content };
    const text = content.replace(/\s/g, '');
    const bytes = Buffer.from(text, 'base64');
    if (bytes.toString('base64') !== text)
      addIssue({ code: 'custom', path: ['content'], message: 'expected base64' });
    return { ...rest, content: bytes };
  });

interface Request {
  readonly url: string;
  readonly code: number;
  readonly content?: string | Uint8Array<ArrayBuffer>;
  readonly contenttype?: string;
}

type Verb = 'Get' | 'Delete' | 'Put' | 'Post';

async function request(verb: Verb, context: StepContext<Request, unknown>) {
  const { parameters, output, notify } = context;
  const status = await statusOf(verb, context);
  if (status === parameters.code) {
    notify('completed', {
      slug: 'HTTPRequestWorker Executed Successfully',
      message: `HTTPRequestWorker successfully executed ${verb}. See logs.`,
    });
    return `${verb} to URL returned ${status} as expected.`;
  }
  const reason =
    status === null
      ? 'Could not connect to the requested URL.'
      : `Expected status ${parameters.code} but got ${status}`;
  notify('failed', { slug: 'HTTPRequestWorker Failed', message: reason });
  output.error(reason);
  return failed();
}

/** The status code of the answer; null: there was none. */
async function statusOf(verb: Verb, context: StepContext<Request, unknown>): Promise<number | null> {
  const { parameters, signal, logger } = context;
  const { content, contenttype } = parameters;
  const url = new URL(parameters.url);
  const headers = new Headers(contenttype === undefined ? {} : { 'content-type': contenttype });
  const password = decode(url.password);
  // Where there is no password, the name is a token.
  const forget = rememberSecret(password || decode(url.username));
  // fetch takes no user in the URL.
  if (url.username !== '' || url.password !== '') {
    const user = Buffer.from(`${decode(url.username)}:${password}`);
    headers.set('authorization', `Basic ${user.toString('base64')}`);
    url.username = url.password = '';
  }
  try {
    const init = { method: verb.toUpperCase(), headers, signal };
    const response = await fetch(url, content === undefined ? init : { ...init, body: content });
    // Only the head counts: whatever the body is, it is not read.
    await response.body?.cancel();
    return response.status;
  } catch (error) {
    signal.throwIfAborted();
    logger.warn({ err: error }, 'the request got no answer');
    return null;
  } finally {
    forget();
  }
}

export default defineWorker({
  name: 'httprequest',
  outputName: 'HTTPRequestWorker',
  steps: {
    Get: step({ parameters: bare, deadlineMs }).run((context) => request('Get', context)),
    Delete: step({ parameters: bare, deadlineMs }).run((context) => request('Delete', context)),
    Put: step({ parameters: withContent, deadlineMs }).run((context) => request('Put', context)),
    Post: step({ parameters: withContent, deadlineMs }).run((context) => request('Post', context)),
  },
});
