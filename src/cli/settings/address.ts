// Which broker a command is told to talk to, and by whom: a flag before the environment before the configuration file.
import type { BrokerAddress } from '../../../adapters/amqp/address.js';
import { NeedfulError } from '../../contract/errors.js';
import type { NeedfulConfig } from '../../worker/config.js';
import type { BrokerFlags } from '../flags.js';
import { type Environment, readVariable } from './environment.js';

/** A URL or an MQ file, and who named it. */
export type FoundAddress =
  | { readonly url: string; readonly from: string }
  | { readonly file: string; readonly from: string };

export const addressVariables = ['NEEDFUL_AMQP_URL', 'AMQP_URL', 'RABBITMQ_URL'] as const;

export interface ConfigSource {
  readonly values: NeedfulConfig;
  /** The file, as it may be shown. */
  readonly from: string;
}

/** undefined: nobody named one. */
export function findAddress(
  { amqp, mqConfig }: Pick<BrokerFlags, 'amqp' | 'mqConfig'>,
  { env, config }: { readonly env: Environment; readonly config?: ConfigSource | undefined },
): FoundAddress | undefined {
  if (amqp !== undefined && mqConfig !== undefined) {
    throw new NeedfulError('USAGE', '--amqp and --mq-config both name a broker: give one of them');
  }
  if (amqp !== undefined) return { url: amqp, from: '--amqp' };
  if (mqConfig !== undefined) return { file: mqConfig, from: '--mq-config' };
  for (const name of addressVariables) {
    const found = readVariable(name, env);
    if (found !== undefined) return { url: found.text, from: found.from };
  }
  if (config?.values.amqp !== undefined) return { url: config.values.amqp, from: config.from };
  if (config?.values.mqConfig !== undefined) return { file: config.values.mqConfig, from: config.from };
  return undefined;
}

/** Throws ADDRESS_INVALID with who named it, OPTION_INVALID for an MQ file; neither repeats a secret. */
export async function readAddress(found: FoundAddress | undefined): Promise<BrokerAddress> {
  const { parseAmqpUrl, readMqConfig } = await import('../../../adapters/amqp/index.js');
  if (found === undefined) return parseAmqpUrl('amqp://localhost');
  if ('file' in found) return readMqConfig(found.file);
  try {
    return parseAmqpUrl(found.url);
  } catch (error) {
    if (!(error instanceof NeedfulError)) throw error;
    throw new NeedfulError(error.code, `${found.from}: ${error.message}`, { cause: error });
  }
}
