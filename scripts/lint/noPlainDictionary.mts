import type { Rule } from 'eslint';
import ts from 'typescript';
import { servicesOf, type AnyNode, type NodeOf } from './services.mts';

/** Types whose objects have no prototype (lib/domain/dictionary.ts), so that any text is only a key. */
const DICTIONARIES = new Set(['Dictionary', 'Row']);

/** Index signatures of what is not ours: Node's environment and headers, n8n's items. */
const FOREIGN = new Set(['ProcessEnv', 'IncomingHttpHeaders', 'RegExpMatchArray']);

/**
 * Names of columns, classes and categories are people's: `constructor` and `__proto__` may be among them. On a plain object
 * reading such a key finds what every object has, and writing it may change the object's prototype. So a key that is any text is
 * only used on a Dictionary or a Map, or with Object.hasOwn in the same function.
 */
export const noPlainDictionary: Rule.RuleModule = {
	meta: {
		type: 'problem',
		schema: [],
		messages: {
			plain:
				'A key that is any text must not be used on a plain object: use a Dictionary (lib/domain/dictionary.ts) or a Map, ' +
				'or ask with "own".',
			empty: 'An empty object to be filled by names is made with dictionary() of lib/domain/dictionary.ts.',
		},
	},
	create(context) {
		const services = servicesOf(context);
		const checker = services.program.getTypeChecker();
		const isAnyText = (node: AnyNode) => {
			const type = checker.getBaseConstraintOfType(services.getTypeAtLocation(node)) ?? services.getTypeAtLocation(node);
			return (type.flags & ts.TypeFlags.String) !== 0 || (type.isUnion() && type.types.some((t) => (t.flags & ts.TypeFlags.String) !== 0));
		};
		const isPlain = (node: AnyNode) => {
			const whole = checker.getNonNullableType(services.getTypeAtLocation(node));
			const types = whole.isUnion() ? whole.types : [whole];
			return types.some((type) => {
				if (!checker.getIndexTypeOfType(type, ts.IndexKind.String) || checker.isArrayType(type)) return false;
				const names = [type.aliasSymbol?.name, type.symbol?.name];
				return !names.some((name) => name && (DICTIONARIES.has(name) || FOREIGN.has(name)));
			});
		};
		return {
			ObjectExpression(node: NodeOf<'ObjectExpression'> & Rule.NodeParentExtension) {
				if (node.properties.length > 0 || (node.parent.type !== 'VariableDeclarator' && node.parent.type !== 'PropertyDefinition')) return;
				const type = checker.getContextualType(services.esTreeNodeToTSNodeMap.get(node) as ts.Expression);
				if (
					type &&
					!type.isUnion() &&
					checker.getIndexTypeOfType(type, ts.IndexKind.String) &&
					checker.getPropertiesOfType(type).length === 0
				)
					context.report({ node, messageId: 'empty' });
			},
			'BinaryExpression[operator="in"]'(node: NodeOf<'BinaryExpression'>) {
				if (node.left.type !== 'PrivateIdentifier' && node.left.type !== 'Literal' && isAnyText(node.left) && isPlain(node.right))
					context.report({ node: node.left, messageId: 'plain' });
			},
			MemberExpression(node: NodeOf<'MemberExpression'>) {
				if (!node.computed || node.property.type === 'Literal' || !isAnyText(node.property) || !isPlain(node.object)) return;
				context.report({ node: node.property, messageId: 'plain' });
			},
		};
	},
};
