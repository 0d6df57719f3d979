import type { Rule } from 'eslint';
import type ts from 'typescript';
import { servicesOf, type AnyNode, type NodeOf } from './services.mts';

/** Shorter ones are parts of moments and digests. */
const LEAST = 33;

/**
 * A text that is cut at so many units may end with half an emoji, which no file, no database and no hash keeps. Moments, digests and the
 * like are cut shorter.
 */
export const wholeCharacters: Rule.RuleModule = {
	meta: {
		type: 'problem',
		schema: [],
		messages: { cut: 'A text is cut between two characters: use cutText of lib/domain/text.ts.' },
	},
	create(context) {
		const services = servicesOf(context);
		const checker = services.program.getTypeChecker();
		const isText = (node: AnyNode): boolean => {
			const type = checker.getNonNullableType(services.getTypeAtLocation(node));
			return (checker.getApparentType(type) as ts.Type).symbol?.name === 'String';
		};
		const isLong = (node: AnyNode): boolean =>
			node.type === 'Literal'
				? Number(node.value) >= LEAST
				: node.type === 'Identifier'
					? /^[A-Z][A-Z_]+$/.test(node.name)
					: node.type === 'BinaryExpression' && node.operator === '-' && isLong(node.left as AnyNode);
		return {
			'CallExpression[callee.property.name=/^(slice|substring|substr)$/]'(
				node: NodeOf<'CallExpression'> & { callee: NodeOf<'MemberExpression'> },
			) {
				const [from, to] = node.arguments as AnyNode[];
				if (from?.type === 'Literal' && from.value === 0 && to && isLong(to) && isText(node.callee.object as AnyNode))
					context.report({ node, messageId: 'cut' });
			},
		};
	},
};
