/** Slips in YAML: each is one problem, at the line where it was made, with the cure. No text of the file is repeated. */
import { CST, type Document, Lexer, parseDocument, type YAMLError } from 'yaml';

export interface Slip {
  /** From 1. */
  readonly line: number;
  readonly message: string;
}

interface Token {
  readonly offset: number;
  readonly source: string;
  readonly type: CST.TokenType | null;
}

/** What the cure of a slip is found by. */
interface Scene {
  readonly text: string;
  /** Spaces and line ends left out. */
  readonly tokens: readonly Token[];
  /** The first error of the parser. */
  readonly error: YAMLError;
  readonly offset: number;
}

/** A slip that was recognised: where it was made, and the sentence for it. */
interface Cure {
  readonly offset: number;
  readonly message: string;
}

/**
 * The slips of a text, of which `document` was parsed; none when it is YAML. After a slip the parser reads the rest in another sense than the author, so
 * only its first error counts; an unquoted `${VAR}` is mended for the parser, and then the next one is found.
 */
export function yamlSlips(text: string, document: Document): readonly Slip[] {
  const slips: Slip[] = [];
  const add = ({ offset, message }: Cure) => slips.push({ line: text.slice(0, offset).split('\n').length, message });

  let readable = text;
  let errors = errorsOf(document);
  for (let left = text.split('${').length; left > 0; left--) {
    const braces = unquotedVariable(readable, errors[0]);
    if (braces === null) break;
    const [start, end] = braces;
    add({ offset: start, message: quoteVariable(readable.slice(start - 1, end)) });
    readable = `${readable.slice(0, start)}${'_'.repeat(end - start)}${readable.slice(end)}`;
    errors = errorsOf(parseDocument(readable, parsing));
  }

  const [first] = errors.filter(({ code }) => code !== 'DUPLICATE_KEY');
  const limit = first?.pos[0] ?? Number.POSITIVE_INFINITY;
  for (const { code, pos } of errors) {
    if (code === 'DUPLICATE_KEY' && pos[0] < limit)
      add({ offset: pos[0], message: 'this key stands here twice: keep one of them' });
  }
  if (first) add(cureOf({ text: readable, tokens: tokensOf(readable), error: first, offset: first.pos[0] }));
  return slips;
}

/** How every config is parsed. */
export const parsing = { prettyErrors: false, uniqueKeys: true } as const;

function errorsOf({ errors, warnings }: Document): readonly YAMLError[] {
  return [...errors, ...warnings].toSorted((a, b) => a.pos[0] - b.pos[0]);
}

/** Start and end of `{VAR}` when the error is that YAML took these braces for a map of its own. */
function unquotedVariable(text: string, error: YAMLError | undefined): readonly [number, number] | null {
  if (!error) return null;
  const start = error.pos[0];
  const [braces] = /^\{[A-Za-z_]\w*\}/.exec(text.slice(start)) ?? [];
  return braces !== undefined && text[start - 1] === '$' ? [start, start + braces.length] : null;
}

const quoteVariable = (variable: string) =>
  `put the value in quotes, as in "${variable}": between { } or [ ] YAML takes the braces of a variable for its own`;

function tokensOf(text: string): readonly Token[] {
  let offset = 0;
  const tokens: Token[] = [];
  for (const source of new Lexer().lex(text)) {
    const type = CST.tokenType(source);
    // Marks of the lexer stand for no text.
    const isMark = type === 'doc-mode' || type === 'flow-error-end' || type === 'scalar';
    if (isMark && source.length === 1 && source < ' ') continue;
    if (type !== 'space' && type !== 'newline') tokens.push({ offset, source, type });
    offset += source.length;
  }
  return tokens;
}

/** The first that knows the slip. */
const recognisers: readonly ((scene: Scene) => Cure | null)[] = [
  conflictMarker,
  starAtBeginning,
  openQuote,
  behindTheEnd,
  openBracket,
  deeperLine,
];

function cureOf(scene: Scene): Cure {
  for (const recognise of recognisers) {
    const cure = recognise(scene);
    if (cure !== null) return cure;
  }
  return { offset: scene.offset, message: byCode(scene) };
}

function conflictMarker({ text }: Scene): Cure | null {
  const marker = /^(?:<{7}|={7}|>{7})(?: .*)?$/m.exec(text);
  return marker && { offset: marker.index, message: 'is not YAML: a conflict marker of git was left in the file' };
}

function starAtBeginning({ text, tokens, error, offset }: Scene): Cure | null {
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1;
  const star = tokens.find((token) => token.type === 'alias' && token.offset >= lineStart && token.offset <= offset);
  if (!star && error.code !== 'BAD_ALIAS') return null;
  return { offset, message: quoteStar };
}

/** Also said of an alias without an anchor, which is found later. */
export const quoteStar = `put the value in quotes, as in "*/15 * * * * *": YAML takes a '*' at its beginning for an alias`;

/** A quote that is closed by the next quote of the file, lines below, or never. */
function openQuote({ tokens, offset }: Scene): Cure | null {
  const before = tokens.filter((token) => token.offset < offset);
  const last = before.findLast(({ type }) => type !== 'comment');
  if (!last || !isQuoted(last)) return null;
  const closed = last.source.length > 1 && last.source.endsWith(last.source[0] ?? '');
  if (closed && !last.source.includes('\n')) return null;
  return {
    offset: last.offset,
    message: `is not YAML: the quote that opens on this line is not closed on it; close it, or write '' for a quote within single quotes`,
  };
}

const isQuoted = ({ type }: Token) => type === 'double-quoted-scalar' || type === 'single-quoted-scalar';

/** More text behind a closing quote or bracket, as in `[a-z]+`. */
function behindTheEnd({ tokens, error, offset }: Scene): Cure | null {
  const last = tokens.findLast((token) => token.offset < offset);
  const ends = last && (isQuoted(last) || last.type === 'flow-seq-end' || last.type === 'flow-map-end');
  if (!ends || !error.message.includes('at node end')) return null;
  const end = last.source.at(-1);
  if (openBrackets(tokens, offset).length > 0)
    return { offset, message: `is not YAML: a comma is missing behind the ${end}, or quotes around the whole value` };
  return { offset, message: `is not YAML: text follows the closing ${end}; put the whole value in single quotes` };
}

function openBracket({ tokens, error, offset }: Scene): Cure | null {
  if (error.code !== 'BAD_INDENT' && error.code !== 'MISSING_CHAR') return null;
  if (!/end with a/.test(error.message)) return null;
  const opener = openBrackets(tokens, offset).at(-1);
  if (!opener) return null;
  return {
    offset: opener.offset,
    message: `is not YAML: the ${opener.source} that opens on this line is not closed: add ${closing(opener)}, or indent what belongs to it`,
  };
}

/** The brackets that are open before an offset, the innermost last. */
function openBrackets(tokens: readonly Token[], offset: number): readonly Token[] {
  const open: Token[] = [];
  for (const token of tokens) {
    if (token.offset >= offset) break;
    if (token.type === 'flow-map-start' || token.type === 'flow-seq-start') open.push(token);
    if (token.type !== 'flow-map-end' && token.type !== 'flow-seq-end') continue;
    const opener = open.at(-1);
    // A bracket of the other kind shows that the innermost one was left open.
    if (!opener || closing(opener) !== token.source) break;
    open.pop();
  }
  return open;
}

const closing = ({ source }: Token) => (source === '{' ? '}' : ']');

/** A line that is indented deeper than the value above it. YAML tells it at the line above. */
function deeperLine({ text, error, offset }: Scene): Cure | null {
  const rest = text.slice(offset).split('\n');
  const isBetweenLines = error.code === 'BAD_INDENT' && rest[0]?.trim() === '';
  if (error.code !== 'BLOCK_AS_IMPLICIT_KEY' && !isBetweenLines) return null;
  if (/:(?:\s|$)/.test(rest[0] ?? '')) {
    return { offset, message: `put the value in quotes: YAML takes ': ' within it for the end of a key` };
  }
  const below = rest.findIndex((line, index) => index > 0 && /^\s*[^\s#]/.test(line));
  if (below < 0) return null;
  const at = offset + rest.slice(0, below).reduce((sum, line) => sum + line.length + 1, 0);
  return { offset: at, message: 'is not YAML: this line is indented deeper than the keys beside it' };
}

function byCode({ text, error, offset }: Scene): string {
  switch (error.code) {
    case 'TAB_AS_INDENT':
      return 'is not YAML: indent with spaces, not with tabs';
    case 'BAD_SCALAR_START':
      return `put the value in quotes: YAML allows no '${text[offset]}' at its beginning`;
    case 'BAD_DQ_ESCAPE':
      return String.raw`is not YAML: within double quotes '\' begins an escape; put a regular expression in single quotes`;
    case 'TAG_RESOLVE_FAILED':
      return `put the value in quotes: YAML takes a '!' at its beginning for a tag`;
    case 'MULTIPLE_DOCS':
      return `is not YAML of one document: remove the line '---' and what does not belong to this config`;
    case 'BAD_INDENT':
      return 'is not YAML: keys of one map, and items of one list, must begin in the same column';
    case 'MISSING_CHAR':
      return error.message.includes(',')
        ? `is not YAML: a comma is missing, or ': ' after a key`
        : `is not YAML: ': ' is missing after the key`;
    case 'MULTILINE_IMPLICIT_KEY':
      return `is not YAML: ': ' is missing after a key, or a line is indented wrongly`;
    default:
      return 'is not YAML: nothing that YAML knows can stand here; look at quotes, colons and indentation';
  }
}
