import type { SegmentLog } from '../../store/log/contract.js';

/** What of the log truths are looked up in. */
export type TruthLog = Pick<SegmentLog, 'relation'>;

/** Lines that are answers, and among them those that somebody saw: a truth is about one of these. */
export const GIVEN = 'error IS NULL AND unlogged IS NULL';
export const UNSEEN = "starts_with(coalesce(arm, ''), 'shadow-')";
export const SEEN = `${GIVEN} AND NOT ${UNSEEN}`;
