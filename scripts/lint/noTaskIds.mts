import type { Rule } from 'eslint';
import type ts from 'typescript';
import { servicesOf, type AnyNode, type NodeOf } from './services.mts';

/** Where the type of task ids is declared. */
const FILE = '/lib/domain/column.ts';
const TYPE = 'TaskType';

/**
 * What differs from task to task stands in the task's own file under lib/task/tasks/. A comparison with an id elsewhere would have to be
 * found by whoever adds a task. So what is known to be a task id is compared with nothing, looked up in no list and in no table that is
 * written down beside it: the task is asked, or its kind of output. Losses, and the words of foreign formats, have ids of their own.
 */
export const noTaskIds: Rule.RuleModule = {
	meta: {
		type: 'problem',
		schema: [],
		messages: {
			compared: 'A task id is compared with nothing: ask the task (taskById in lib/task), or its kind of output.',
		},
	},
	create(context) {
		const services = servicesOf(context);
		const checker = services.program.getTypeChecker();
		const ids = taskIds(services.program, checker);
		/** Whether the type says that this is a task id (or none). */
		const isTask = (node: AnyNode) => {
			const type = checker.getNonNullableType(services.getTypeAtLocation(node));
			const parts = type.isUnion() ? type.types : [type];
			return parts.length > 0 && parts.every((t) => t.isStringLiteral() && ids.has(t.value));
		};
		const isId = (node: AnyNode) => node.type === 'Literal' && ids.has(node.value as string);
		const report = (node: AnyNode) => context.report({ node, messageId: 'compared' });
		return {
			'BinaryExpression[operator=/^[!=]==?$/]'(node: NodeOf<'BinaryExpression'>) {
				if ((isId(node.left) && isTask(node.right)) || (isId(node.right) && isTask(node.left))) report(node);
			},
			SwitchCase(node: NodeOf<'SwitchCase'> & Rule.NodeParentExtension) {
				if (node.test && isId(node.test) && isTask((node.parent as NodeOf<'SwitchStatement'>).discriminant)) report(node.test);
			},
			'CallExpression[callee.property.name=/^(includes|indexOf)$/]'(
				node: NodeOf<'CallExpression'> & { callee: NodeOf<'MemberExpression'> },
			) {
				const { object } = node.callee;
				if (object.type === 'ArrayExpression' && object.elements.some((e) => e && isId(e)) && node.arguments.some(isTask)) report(node);
			},
			'MemberExpression[computed=true]'(node: NodeOf<'MemberExpression'>) {
				const type = services.getTypeAtLocation(node.object);
				if (node.property.type !== 'Literal' && isTask(node.property) && [...ids].some((id) => type.getProperty(id))) report(node);
			},
		};
	},
};

/** The ids of the type checker's program; empty where it does not read the declaration. */
function taskIds(program: ts.Program, checker: ts.TypeChecker): Set<string> {
	const source = program.getSourceFiles().find((file) => file.fileName.endsWith(FILE));
	const module = source && checker.getSymbolAtLocation(source);
	const symbol = module && checker.getExportsOfModule(module).find((s) => s.name === TYPE);
	const type = symbol && checker.getDeclaredTypeOfSymbol(symbol);
	const parts = !type ? [] : type.isUnion() ? type.types : [type];
	return new Set(parts.filter((t) => t.isStringLiteral()).map((t) => t.value));
}
