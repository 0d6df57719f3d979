import type { Rule } from 'eslint';
import type ts from 'typescript';

/** A node of the syntax tree that a rule sees. */
export type AnyNode = Parameters<Rule.RuleContext['sourceCode']['getText']>[0] & object;

/** Nodes of one kind. */
export type NodeOf<T extends AnyNode['type']> = Extract<AnyNode, { type: T }>;

/** What the parser of TypeScript offers beside the tree: the compiler's program, and what it knows of a node. */
interface Services {
	program: ts.Program;
	getTypeAtLocation(node: AnyNode): ts.Type;
	esTreeNodeToTSNodeMap: { get(node: AnyNode): ts.Node };
}

export const servicesOf = (context: Rule.RuleContext): Services => context.sourceCode.parserServices as unknown as Services;
