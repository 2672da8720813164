// One HTTP request, told whose certificates to trust, which fetch cannot be told. Nothing of BIG-IP is known here.
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

export interface Server {
  readonly url: string;
  /** Certificates to trust instead of the system's, as PEM. */
  readonly ca?: string | undefined;
  /** false: whoever answers is believed. */
  readonly verify: boolean;
}

export interface Question {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: object;
  readonly signal: AbortSignal;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
}

const limitBytes = 64 * 1024 * 1024;

/** Rejects with an error of Node, whose `code` says what is wrong, or with the reason of the signal. */
export async function ask({ url, ca, verify }: Server, question: Question): Promise<Answer> {
  const { method, path, headers, body, signal } = question;
  signal.throwIfAborted();
  const text = body === undefined ? undefined : JSON.stringify(body);
  const options = {
    method,
    signal,
    // A connection of its own: one that was kept may be closed at the other end just when it is used again.
    agent: false,
    headers: { accept: 'application/json', ...headers, ...(text && { 'content-type': 'application/json' }) },
  };
  const target = new URL(path, url);
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const request =
        target.protocol === 'https:'
          ? requestHttps(target, { ...options, ca, rejectUnauthorized: verify })
          : requestHttp(target, options);
      request.once('response', resolve).on('error', reject).end(text);
    });
    return { status: response.statusCode ?? 0, text: await read(response) };
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  }
}

async function read(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limitBytes) throw Object.assign(new Error('too large'), { code: 'TOO_LARGE' });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
