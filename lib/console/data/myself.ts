import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import { mayAct, type Role } from '../../domain/role.js';
import type { me } from '../../server/console/routes/meRoutes.js';
import type { AnswerOf } from './api.js';

/** Who looks at the page. */
export type Me = AnswerOf<typeof me>;

export const Session = createContext<Me | undefined>(undefined);

/** Who looks at the page; pages are shown to somebody who is known. */
export const useMe = (): Me => useContext(Session)!;

/** Whether who looks may do what takes this role: what they may not is shown, but cannot be pressed. */
export const useMay = (needed: Role): boolean => mayAct(useMe().role, needed);
