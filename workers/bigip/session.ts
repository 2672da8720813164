// A login at one BIG-IP and what is asked under its token. Password and token never leave this object: they are no members
// that a viewer of a context would see, and the process redacts them, also in what the BIG-IP says.
import { redact, rememberSecret } from 'needful-worker';
import type { z } from 'zod';
import { jsonOf, messageOf, token } from './answers.js';
import { ask, type Question, type Server } from './ask.js';

export interface Account extends Server {
  readonly username: string;
  readonly password: string;
  readonly loginProvider: string;
}

/** `busy` passes by itself, `expired` with a new login, `refused` not. */
export type Trouble = 'busy' | 'expired' | 'refused';

/** Its message may be shown to anybody. */
export class BigIpError extends Error {
  override readonly name = 'BigIpError';
  readonly trouble: Trouble;

  constructor(trouble: Trouble, message: string) {
    super(message);
    this.trouble = trouble;
  }
}

export interface Request<T> extends Omit<Question, 'headers'> {
  /** Continues `BIG-IP qa refused to …`. */
  readonly what: string;
  readonly answer: z.ZodType<T>;
}

/** Longest time for a login, which does not end with its job: its token would be lost. And for giving a token back. */
const unattendedMs = 60_000;

export class Session {
  readonly #who: string;
  readonly #account: Account;
  #token = '';
  #forget = () => {};
  /** A token that never worked has not expired. */
  #hasWorked = false;

  constructor(who: string, account: Account) {
    this.#who = who;
    this.#account = account;
  }

  /** Does nothing while there is a token. */
  async open(signal: AbortSignal): Promise<void> {
    if (this.#token !== '') return;
    const { username, password, loginProvider: loginProviderName } = this.#account;
    const given = await this.ask({
      what: `log ${username} in`,
      method: 'POST',
      path: '/mgmt/shared/authn/login',
      body: { username, password, loginProviderName },
      signal: AbortSignal.timeout(unattendedMs),
      answer: token,
    });
    this.#forget();
    this.#forget = rememberSecret(given.token.token);
    if (signal.aborted) {
      await this.#giveBack(given.token.token);
      this.#forget();
      signal.throwIfAborted();
    }
    this.#token = given.token.token;
  }

  /** Gives the token back. false: the BIG-IP did not take it, and it lives until it expires. Never rejects. */
  async close(): Promise<boolean> {
    const token = this.#token;
    this.#token = '';
    const isGone = token === '' || (await this.#giveBack(token));
    this.#forget();
    return isGone;
  }

  /** Rejects with a BigIpError, or with the reason of the signal. */
  async ask<T>({ what, answer, ...question }: Request<T>): Promise<T> {
    const token = this.#token;
    const headers: Record<string, string> = token === '' ? {} : { 'x-f5-auth-token': token };
    const { status, text } = await ask(this.#account, { ...question, headers }).catch((error: unknown) => {
      if (!isTimeout(error)) question.signal.throwIfAborted();
      throw this.#unreached(what, error);
    });
    const json = jsonOf(text);
    if (status >= 300) throw this.#refusal(what, { status, json });
    this.#hasWorked = token !== '';
    const read = answer.safeParse(json);
    if (read.success) return read.data;
    const [issue] = read.error.issues;
    const where = issue?.path.map(String).join('.') || 'the answer';
    throw new BigIpError('refused', `BIG-IP ${this.#who} did not ${what}: ${where}: ${issue?.message}`);
  }

  /** What the BIG-IP says, on one line, without secrets. */
  clean(text: string): string {
    // Redacted before it is cut short: half a secret would not be known.
    const clean = redact(text.slice(0, 20_000)).slice(0, 2000);
    return clean
      .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
      .slice(0, 300)
      .trim();
  }

  async #giveBack(token: string): Promise<boolean> {
    const question = {
      method: 'DELETE',
      path: `/mgmt/shared/authz/tokens/${encodeURIComponent(token)}`,
      headers: { 'x-f5-auth-token': token },
      signal: AbortSignal.timeout(unattendedMs),
    } as const;
    // 401, 404: it is not there any more.
    return await ask(this.#account, question).then(
      ({ status }) => status < 300 || [401, 404].includes(status),
      () => false,
    );
  }

  #refusal(what: string, { status, json }: { readonly status: number; readonly json: unknown }): BigIpError {
    const message = messageOf(json);
    const words = this.clean(`${status}${message && ` ${message}`}`);
    // While it starts, parts of it are not there yet.
    const isStarting = status === 404 && /URI path .*not registered/i.test(message);
    if (isStarting || [429, 502, 503, 504].includes(status))
      return new BigIpError('busy', `BIG-IP ${this.#who} cannot ${what} now: ${words}`);
    const isOld = status === 401 && /X-F5-Auth-Token (has expired|does not exist)/i.test(message);
    if (isOld && this.#hasWorked) {
      this.#token = '';
      return new BigIpError('expired', `BIG-IP ${this.#who} wants a new login to ${what}: ${words}`);
    }
    return new BigIpError('refused', `BIG-IP ${this.#who} refused to ${what}: ${words}`);
  }

  #unreached(what: string, error: unknown): BigIpError {
    const { code, name } = error as { readonly code?: string; readonly name?: string };
    const trouble = isTimeout(error) || passing.has(code ?? '') ? 'busy' : 'refused';
    return new BigIpError(trouble, `BIG-IP ${this.#who} was not reached to ${what}: ${code ?? name}`);
  }
}

/** What a network gets over: a BIG-IP that restarts shows all of them. Not among them: certificates, unknown names. */
const passing = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EAI_AGAIN', 'ENETUNREACH', 'EHOSTUNREACH'],
]);

const isTimeout = (error: unknown) => error instanceof Error && error.name === 'TimeoutError';
