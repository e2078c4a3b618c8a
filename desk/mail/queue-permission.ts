import type { Document } from '../document/document.ts'

const BY_HAND = new Set(['read', 'select', 'report', 'export', 'print', 'delete'])

/**
 * The `has_permission` hook of Email Queue: what is in it is the server's. Whoever could add a reader to a mail, or
 * queue one with another's content, would be sent what they may not read, Administrator too.
 */
export const queuePermission = (_mail: Document, ptype: string): boolean => BY_HAND.has(ptype)
