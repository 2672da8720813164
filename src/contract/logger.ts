// The logger that user code and the runtime write to: pino's shape, so that pino fits as it is and anything with these methods too.

type Write = (fields: object, message: string) => void;

export interface Logger {
  readonly debug: Write;
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
  readonly fatal: Write;
  child(bindings: Record<string, unknown>): Logger;
}
