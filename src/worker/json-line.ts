// A line of the log on its way out. JSON escapes what is below U+0020 and nothing else: an id with U+009B in it would still
// steer a terminal, one with U+2028 be two lines in some viewers, one with U+202E read backwards.

const unprintable = /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

/** The same JSON, with an escape in place of each character that is not to be printed. */
export const jsonLine = (line: string): string =>
  line.replace(unprintable, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
