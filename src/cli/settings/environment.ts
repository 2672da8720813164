// Variables of the environment: NAME, or NAME_FILE for the file that holds the value, as secrets are mounted.
import { readFileSync } from 'node:fs';
import { NeedfulError } from '../../contract/errors.js';
import { rememberUserInfo } from '../../contract/secrets.js';
import { pathOf } from '../home.js';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Variable {
  readonly text: string;
  /** As it may be shown: `AMQP_URL`, `AMQP_URL_FILE (/run/secrets/amqp)`. */
  readonly from: string;
}

/** An empty variable is none. The file's text is trimmed. The password of a URL is remembered as a secret. Throws CONFIG_FILE_MISSING or CONFIG_INVALID. */
export function readVariable(name: string, env: Environment): Variable | undefined {
  const text = env[name];
  const file = env[`${name}_FILE`];
  if (text && file) {
    throw new NeedfulError('CONFIG_INVALID', `${name} and ${name}_FILE are both set: keep one of them`);
  }
  if (text) {
    rememberUserInfo(text);
    return { text, from: name };
  }
  if (!file) return undefined;
  const from = `${name}_FILE (${file})`;
  let content: string;
  try {
    content = readFileSync(pathOf(file), 'utf8')
      .replace(/^\uFEFF/, '')
      .trim();
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'no reason is known';
    throw new NeedfulError('CONFIG_FILE_MISSING', `${from} cannot be read: ${why}`, { cause: error });
  }
  if (content === '')
    throw new NeedfulError('CONFIG_INVALID', `${from} is empty, expected the value of ${name}`);
  rememberUserInfo(content);
  return { text: content, from };
}
