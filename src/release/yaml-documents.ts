// Text to YAML documents, however deep it is nested: what composes them calls itself for each level, and a stack that
// overflows there can end the process.
import { Composer, type Document, Lexer, type LineCounter, Parser } from 'yaml';

export const depthLimit = 200;

/** undefined: nested deeper than `depthLimit`. */
export function yamlDocuments(text: string, lines: LineCounter): readonly Document.Parsed[] | undefined {
  const parser = new Parser(lines.addNewLine);
  const tokens = [];
  lines.addNewLine(0);
  for (const lexeme of new Lexer().lex(text)) {
    tokens.push(...parser.next(lexeme));
    if (parser.stack.length > depthLimit) return undefined;
  }
  tokens.push(...parser.end());
  const composer = new Composer({ prettyErrors: false, logLevel: 'silent', merge: true });
  return [...composer.compose(tokens)];
}
