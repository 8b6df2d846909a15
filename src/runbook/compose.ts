import { Composer, type CST, type Document, isMap, isSeq, Lexer, type Node, Parser } from "yaml";

export const maximumDepth = 64;

/** What there is of a text: its documents, or the place where it nests too deep. */
export type Composed = { readonly documents: readonly Document.Parsed[] } | { readonly tooDeepAt: number };

/**
 * What `parseDocument` does, with the nesting looked at before composing: the composer recurses, and hundreds of open
 * brackets make a regular expression that ends the process.
 */
export const compose = (text: string): Composed => composeInPieces(text) ?? composeTokens(tokensOf(text, null), text);

interface Tokens {
  readonly tokens: readonly CST.Token[];
  readonly tooDeepAt: number | null;
}

/** @param each looks at what the parser has open, after each lexeme */
function tokensOf(text: string, each: ((open: readonly CST.Token[]) => void) | null): Tokens {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  let offset = 0;
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) tokens.push(token);
    // The document and the token at hand stand on the stack as well.
    if (parser.stack.length > maximumDepth + 2) return { tokens, tooDeepAt: offset };
    offset = parser.offset;
    each?.(parser.stack);
  }
  for (const token of parser.end()) tokens.push(token);
  return { tokens, tooDeepAt: null };
}

function composeTokens({ tokens, tooDeepAt }: Tokens, text: string): Composed {
  return tooDeepAt === null ? { documents: documentsOf(tokens, text.length) } : { tooDeepAt };
}

function documentsOf(tokens: Iterable<CST.Token>, length: number): readonly Document.Parsed[] {
  const composer = new Composer({
    version: "1.2",
    schema: "core",
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: "silent",
  });
  return [...composer.compose(tokens, true, length)] as readonly Document.Parsed[]; // what comes from tokens carries ranges
}

/** Items of a long list that are composed together. */
const pieceItems = 64;

/** The parser still changes the last items of a list: a comment after one may turn out to belong to it. */
const unfinishedItems = 4;

/**
 * The same for a text without faults, in less memory and so in less time: the items of a long list at the top (the steps) are
 * composed, and their tokens forgotten, while the rest is still being read. null when there is anything to be said of the text:
 * messages come from the whole.
 */
function composeInPieces(text: string): Composed | null {
  const pieces = new Map<CST.BlockSequence, Node[]>();
  let faulty = false;
  const read = tokensOf(text, (open) => {
    const list = open[2];
    if (list?.type !== "block-seq" || list.items.length < pieceItems + unfinishedItems) return;
    const items = list.items.splice(0, pieceItems);
    const piece: CST.Document = { type: "document", offset: list.offset, start: [], value: { ...list, items } };
    const [document] = documentsOf([piece], text.length);
    faulty ||= !isClean(document) || !isSeq(document?.contents);
    const nodes = pieces.get(list) ?? [];
    if (isSeq(document?.contents)) nodes.push(...(document.contents.items as Node[])); // a composed list holds nodes
    pieces.set(list, nodes);
  });
  if (faulty || read.tooDeepAt !== null) return null;
  const documents = documentsOf(read.tokens, text.length);
  const [document, second] = documents;
  if (!isClean(document) || second !== undefined || !isMap(document?.contents)) return null;
  for (const [{ offset }, nodes] of pieces) {
    const list = document.contents.items.find(({ value }) => value?.range[0] === offset)?.value;
    if (!isSeq(list)) return null;
    (list.items as Node[]).unshift(...nodes); // as above
  }
  return { documents };
}

const isClean = (document: Document.Parsed | undefined): boolean =>
  document !== undefined && document.errors.length === 0 && document.warnings.length === 0;
