/**
 * Checks that a test can switch off: a transformation of the sources, in tests only.
 *
 * Each `throw`, and each call that stands alone, of the browser's own packages gets a name: its file, its function and
 * what it raises or calls, as in `sdk/people.learn: account-rollback`. While a test has switched that name off, the
 * statement is passed over; nothing else of the code changes, and not a line of it moves.
 */

import { relative } from "node:path";
import ts from "typescript";
import type { Plugin } from "vite";

const CODE = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

/** Return the name that a function, method or class gives to what stands in it. */
function nameOf(node: ts.Node): string | null {
  if (ts.isFunctionDeclaration(node)) return node.name?.text ?? null;
  if (ts.isMethodDeclaration(node) && (ts.isIdentifier(node.name) || ts.isPrivateIdentifier(node.name))) {
    return node.name.text;
  }
  return null;
}

function calledName(value: ts.Expression): string {
  if (ts.isAwaitExpression(value)) return calledName(value.expression);
  if (!ts.isCallExpression(value) && !ts.isNewExpression(value)) return "";
  const target = value.expression;
  if (ts.isIdentifier(target)) return target.text;
  return ts.isPropertyAccessExpression(target) ? target.name.text : "";
}

/** Return what a statement is called by: the codes that it holds, and the function that it calls. */
function namesOf(value: ts.Expression): string[] {
  const found = [calledName(value)];
  const look = (node: ts.Node): void => {
    if (ts.isArrowFunction(node) || ts.isFunctionExpression(node)) return;
    if (ts.isStringLiteral(node) && CODE.test(node.text)) found.push(node.text);
    ts.forEachChild(node, look);
  };
  look(value);
  return found.filter((name) => name !== "");
}

/** Return the source with its checks named, and the names. */
export function withChecks(file: string, source: string): { code: string; names: string[] } {
  const tree = ts.createSourceFile("x.ts", source, ts.ScriptTarget.ESNext, true);
  const edits: [number, string][] = [];
  const names: string[] = [];
  const walk = (node: ts.Node, within: string): void => {
    const here = nameOf(node) ?? within;
    const alone = ts.isExpressionStatement(node) && calledName(node.expression) !== "";
    if (here !== "" && (ts.isThrowStatement(node) || alone)) {
      const mine = namesOf(node.expression).map((name) => `${file}.${here}: ${name}`);
      names.push(...mine);
      edits.push([node.getStart(tree), `{ if (!globalThis.mindhavenOff?.(${JSON.stringify(mine)})) `]);
      edits.push([node.getEnd(), " }"]);
    }
    ts.forEachChild(node, (child) => {
      walk(child, here);
    });
  };
  walk(tree, "");
  let code = source;
  for (const [at, text] of edits.sort(([one], [other]) => other - one)) {
    code = code.slice(0, at) + text + code.slice(at);
  }
  return { code, names };
}

/** Return the plugin for the tests of the SDK. */
export function checks(root: string): Plugin {
  return {
    name: "mindhaven-checks",
    enforce: "pre",
    transform(source, id) {
      const [, package_, file] = /^packages\/(sdk|crypto)\/src\/(.+)\.ts$/.exec(relative(root, id)) ?? [];
      if (package_ === undefined || file === undefined) return null;
      const { code, names } = withChecks(`${package_}/${file}`, source);
      const known = `;(globalThis.mindhavenChecks ??= new Set()); for (const name of ${JSON.stringify(names)}) globalThis.mindhavenChecks.add(name);`;
      return { code: code + known, map: null };
    },
  };
}
