import type { DocPerm } from '../meta/doctype.ts'

/** Every right that a rule can give (frappe-contract.md §3). */
export const PERMISSION_TYPES = [
  'select',
  'read',
  'write',
  'create',
  'delete',
  'submit',
  'cancel',
  'amend',
  'report',
  'export',
  'import',
  'share',
  'print',
  'email',
] as const
export type PermissionType = (typeof PERMISSION_TYPES)[number]

export type Grant = 'all' | 'own' | 'none'

/**
 * What the role rules of permlevel 0 give: every document, only one's own (if_owner), or none.
 * Whoever may read may also select.
 */
export function roleGrant(
  rules: readonly DocPerm[],
  roles: ReadonlySet<string>,
  ptype: PermissionType,
): Grant {
  const matching = rules.filter(
    (rule) =>
      (rule.permlevel ?? 0) === 0 &&
      roles.has(rule.role) &&
      (rule[ptype] === 1 || (ptype === 'select' && rule.read === 1)),
  )
  if (matching.some((rule) => rule.if_owner !== 1)) return 'all'
  return matching.length > 0 ? 'own' : 'none'
}

/** The permission levels above 0 that the rules open; those of one's own documents only where they are one's own. */
export function grantedLevels(
  rules: readonly DocPerm[],
  roles: ReadonlySet<string>,
  ptype: 'read' | 'write',
  isOwner: boolean,
): ReadonlySet<number> {
  return new Set(
    rules
      .filter((rule) => roles.has(rule.role) && rule[ptype] === 1 && (rule.if_owner !== 1 || isOwner))
      .map((rule) => rule.permlevel ?? 0),
  )
}
