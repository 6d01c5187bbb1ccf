import { relative } from 'node:path';
import { type Node, SyntaxKind } from 'typescript/unstable/ast';
import { API, type Project } from 'typescript/unstable/sync';

const root = new URL('../../', import.meta.url).pathname;

/** A function of any form, with what it is called where it stands. */
export interface FoundFunction {
  readonly file: string;
  readonly name: string;
  readonly lines: number;
}

export interface FoundName {
  readonly file: string;
  readonly name: string;
}

/** A regular expression, as it is written. */
export interface FoundPattern {
  readonly file: string;
  readonly source: string;
  readonly flags: string;
}

/** The compiler's view of src, so that the gates judge syntax and types instead of text. Close it after use. */
export interface SourceView extends Disposable {
  readonly functions: readonly FoundFunction[];
  readonly exports: readonly FoundName[];
  readonly patterns: readonly FoundPattern[];
  /** Callable members of interfaces that nothing in src, test or bench reads: `file: Interface.member`. */
  uncalledMembers(): readonly string[];
}

const functionKinds: ReadonlySet<SyntaxKind> = new Set([
  SyntaxKind.FunctionDeclaration,
  SyntaxKind.FunctionExpression,
  SyntaxKind.ArrowFunction,
  SyntaxKind.MethodDeclaration,
]);
const declarationKinds: ReadonlySet<SyntaxKind> = new Set([
  SyntaxKind.FunctionDeclaration,
  SyntaxKind.ClassDeclaration,
  SyntaxKind.InterfaceDeclaration,
  SyntaxKind.TypeAliasDeclaration,
  SyntaxKind.VariableStatement,
]);
/** How a member is read: `a.member`, `const { member } = a`, `a['member']`, `Pick<A, 'member'>`. */
const readKinds: ReadonlySet<SyntaxKind> = new Set([
  SyntaxKind.PropertyAccessExpression,
  SyntaxKind.BindingElement,
  SyntaxKind.ElementAccessExpression,
  SyntaxKind.LiteralType,
]);

export function openSource(): SourceView {
  const api = new API({ cwd: root });
  const snapshot = api.updateSnapshot({ openProjects: [`${root}test/tsconfig.json`] });
  const [project] = snapshot.getProjects();
  if (!project) throw new Error('The compiler opened no project');
  const files = project.program.getSourceFileNames().filter((name) => name.startsWith(`${root}src/`));
  const nodes = files.flatMap((name) => {
    const file = project.program.getSourceFile(name);
    return file ? descendants(file, relative(`${root}src`, name), file.text) : [];
  });
  return {
    functions: nodes
      .filter(({ node }) => functionKinds.has(node.kind))
      .map(({ file, node, text, owner }) => ({
        file,
        name: nameOf(node) ?? owner,
        lines: text.slice(node.getStart(), node.end).split('\n').length,
      })),
    exports: nodes
      .filter(({ node }) => declarationKinds.has(node.kind) && isExported(node))
      .flatMap(({ file, node }) => declaredNames(node).map((name) => ({ file, name }))),
    patterns: nodes
      .filter(({ node }) => node.kind === SyntaxKind.RegularExpressionLiteral)
      .map(({ file, node, text }) => {
        const literal = text.slice(node.getStart(), node.end);
        const end = literal.lastIndexOf('/');
        return { file, source: literal.slice(1, end), flags: literal.slice(end + 1) };
      }),
    uncalledMembers: () => nodes.flatMap((found) => uncalledOf(project, found)),
    [Symbol.dispose]: () => api.close(),
  };
}

interface Found {
  readonly file: string;
  readonly text: string;
  readonly node: Node;
  /** The nearest name around a node that has none: the constant that an arrow function is assigned to. */
  readonly owner: string;
}

function descendants(from: Node, file: string, text: string, owner = ''): readonly Found[] {
  const found: Found[] = [];
  from.forEachChild((node) => {
    found.push({ file, text, node, owner });
    found.push(...descendants(node, file, text, nameOf(node) ?? owner));
  });
  return found;
}

function nameOf(node: Node): string | null {
  const name = 'name' in node ? (node.name as Node | undefined) : undefined;
  return name && 'text' in name && typeof name.text === 'string' ? name.text : null;
}

function isExported(node: Node): boolean {
  const modifiers = 'modifiers' in node ? (node.modifiers as readonly Node[] | undefined) : undefined;
  return [...(modifiers ?? [])].some(({ kind }) => kind === SyntaxKind.ExportKeyword);
}

function declaredNames(node: Node): readonly string[] {
  const own = nameOf(node);
  if (own !== null) return [own];
  const names: string[] = [];
  node.forEachChild((list) => {
    if (list.kind !== SyntaxKind.VariableDeclarationList) return;
    list.forEachChild((declaration) => {
      names.push(nameOf(declaration) ?? '');
    });
  });
  return names;
}

function uncalledOf({ checker }: Project, { file, node }: Found): readonly string[] {
  if (node.kind !== SyntaxKind.InterfaceDeclaration) return [];
  const uncalled: string[] = [];
  node.forEachChild((member) => {
    const name = nameOf(member);
    if (name === null || !isCallable(member) || !('name' in member)) return;
    const at = member.name as Node;
    const references = checker.getReferencedSymbolsForNode(at, at.getStart()).flatMap((entry) => entry.references);
    const isRead = references.some((handle) => readKinds.has(handle.resolve()?.parent?.kind ?? SyntaxKind.Unknown));
    if (!isRead) uncalled.push(`${file}: ${nameOf(node)}.${name}`);
  });
  return uncalled;
}

function isCallable(member: Node): boolean {
  if (member.kind === SyntaxKind.MethodSignature) return true;
  if (member.kind !== SyntaxKind.PropertySignature) return false;
  let callable = false;
  member.forEachChild((part) => {
    callable ||= part.kind === SyntaxKind.FunctionType;
  });
  return callable;
}
