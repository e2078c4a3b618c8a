import type { Context } from '../context.ts'
import { PermissionError } from '../errors.ts'
import { GUEST } from '../permissions/roles.ts'

/** What a new File is to belong to. */
export interface Target {
  doctype: string | null
  name: string | null
}

/**
 * The apps' hooks may keep files from being made here, by whatever road. Guests have no right to create them, but that
 * of System Settings.
 * @param file_url of a File that names what is stored already
 */
export async function checkCreation(
  ctx: Context,
  { doctype, name }: Target,
  file_url?: string,
): Promise<void> {
  if (ctx.user === GUEST) return
  const file = ctx.newDoc('File', { attached_to_doctype: doctype, attached_to_name: name, file_url })
  if (!(await ctx.hasPermission('File', 'create', file)))
    throw new PermissionError('You may not add a file here.')
}
