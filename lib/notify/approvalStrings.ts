/** Every word of the approval pages, in one place, so that another language is one more object of this type. */
export interface ApprovalStrings {
	lang: string;
	eyebrow: string;
	question: (model: string | undefined) => string;
	whoYouAre: (name: string) => string;
	expires: (when: string) => string;
	compareTitle: string;
	aloneTitle: string;
	lowerIsBetter: string;
	gateWarning: string;
	compareHint: (rows: string) => string;
	/** Where it is not known which of these rows the model in use was trained on. */
	compareHintSeen: (rows: string) => string;
	notCompared: (champion: string) => string;
	score: string;
	challenger: string;
	champion: string;
	guessing: string;
	/** Where guessing has the higher accuracy. */
	guessingHint: string;
	noChampion: string;
	verdictBetter: string;
	verdictWorse: string;
	verdictSame: string;
	/** What those who call the model must send, or get, that is another thing than before. */
	changesTitle: string;
	changesHint: string;
	gateTitle: string;
	gatePassed: string;
	gateFailed: string;
	gateNone: string;
	/** Where there were too few rows to judge by: nothing was failed. */
	gateRefused: string;
	refusedWarning: string;
	refusedHint: string;
	/** Which rows the rules looked at. */
	judgedOn: (rows: string) => string;
	chartsTitle: string;
	detailsTitle: string;
	decideTitle: string;
	onApprove: string;
	onReject: string;
	approveEffect: (model: string | undefined) => string;
	rejectEffect: (model: string | undefined) => string;
	comment: string;
	commentHint: string;
	approve: string;
	reject: string;
	once: string;
	approvedTitle: string;
	rejectedTitle: string;
	decidedText: (by: string, when: string) => string;
	decidedNext: string;
	yourComment: string;
	expiredTitle: string;
	expiredText: (when: string) => string;
	closedTitle: string;
	closedText: string;
	alreadyTitle: (decision: 'approved' | 'rejected') => string;
	alreadyText: (by: string, decision: 'approved' | 'rejected', when: string) => string;
	/** The same for the one who decided. */
	yoursText: (decision: 'approved' | 'rejected', when: string) => string;
	model: string;
	/** Where a rule was not passed. */
	failedHint: string;
	approveAnyway: string;
	invalidTitle: string;
	invalidText: string;
	closePage: string;
}

export const ENGLISH: ApprovalStrings = {
	lang: 'en',
	eyebrow: 'Approval asked for',
	question: (model) => (model ? `Should the new “${model}” model take over?` : 'Should the new model take over?'),
	whoYouAre: (name) => `You decide as ${name}. The record will show this name.`,
	expires: (when) => `This link works until ${when}, and counts once.`,
	aloneTitle: 'How good the new model is',
	lowerIsBetter: 'lower is better',
	gateWarning: 'It did not pass all of its rules; see below.',
	compareTitle: 'New model against the one in use',
	compareHint: (rows) => `Both judged on the same ${rows} that neither has learned from.`,
	compareHintSeen: (rows) =>
		`Both judged on the same ${rows}, from which the new model has not learned. The one in use may have learned from some ` +
		`of them, and then looks better here than it is.`,
	notCompared: (champion) => `${champion} is in use, but the two were not compared on the same rows.`,
	score: 'Score',
	challenger: 'New model',
	champion: 'In use',
	guessing: 'Guessing',
	guessingHint:
		'Guessing always gives the most frequent answer. That makes its accuracy high although it tells no case from another: go ' +
		'by the other scores.',
	noChampion: 'No model is in use yet, so there is nothing to compare with but guessing.',
	verdictBetter: 'better',
	verdictWorse: 'worse',
	verdictSame: 'no clear difference',
	changesTitle: 'What changes for those who use it',
	changesHint:
		'Programs that ask the model in use were made for its questions and its answers. Make sure that they are ready for this before ' +
		'the new model takes over.',
	gateTitle: 'The rules it had to pass',
	gatePassed: 'Passed.',
	gateFailed: 'Failed.',
	gateNone: 'No rules were set.',
	gateRefused: 'Could not be judged.',
	refusedWarning: 'It could not be judged: there were too few rows; see below.',
	refusedHint:
		'This model could not be judged, so nobody knows whether it is any good. Even with an approval, Deploy refuses it unless ' +
		'somebody lifts the rule there with a reason.',
	judgedOn: (rows) => `Judged on ${rows}`,
	chartsTitle: 'A closer look',
	detailsTitle: 'Details',
	decideTitle: 'Your decision',
	onApprove: 'If you approve',
	onReject: 'If you reject',
	approveEffect: (model) =>
		`The workflow goes on along “Approved”: the new ${model ? `“${model}” ` : ''}model may take over from the one in use.`,
	rejectEffect: () => 'The workflow goes on along “Not approved”: the model in use stays, and the new one is kept but not deployed.',
	comment: 'Comment (optional)',
	commentHint: 'Kept with the decision',
	approve: 'Approve',
	reject: 'Reject',
	once: 'A decision cannot be taken back here. To undo it later, roll back with Deploy.',
	approvedTitle: 'Approved',
	rejectedTitle: 'Rejected',
	decidedText: (by, when) => `Recorded for ${by} on ${when}.`,
	decidedNext: 'The workflow goes on now. You can close this page; opened again, the link may say no more than that nothing is left to do.',
	yourComment: 'Comment',
	expiredTitle: 'This request has run out',
	expiredText: (when) =>
		`It could be answered until ${when}. Nothing was changed: the model in use stays. If the new model is still wanted, ` +
		`ask for approval again.`,
	closedTitle: 'This request was closed',
	closedText: 'The workflow that asked was stopped, so there is nothing left to decide. Nothing was changed.',
	alreadyTitle: (decision) => `Already ${decision}`,
	alreadyText: (by, decision, when) => `${by} ${decision} this on ${when}. That decision counts; nothing more was changed.`,
	yoursText: (decision, when) => `You ${decision} this on ${when}. Your decision counts; nothing more was changed.`,
	model: 'Model',
	failedHint:
		'This model failed at least one of its rules. Even with an approval, Deploy refuses it unless somebody lifts the rule ' +
		'there with a reason.',
	approveAnyway: 'Approve anyway',
	invalidTitle: 'This link does not work',
	invalidText:
		'It may have been cut off when it was copied, or changed on the way. Open it again from the message that you received, or ' +
		'ask for a new one. Nothing was changed.',
	closePage: 'You can close this page.',
};
