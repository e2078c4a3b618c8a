import type { Context } from '../context.ts'
import { trust } from './places.ts'

export const HOME = 'Home'
export const ATTACHMENTS = 'Home/Attachments'

/** The two folders that every site has. */
export async function ensureFolders(ctx: Context): Promise<void> {
  await ensureFolder(ctx, HOME, { file_name: 'Home', is_home_folder: 1 })
  await ensureFolder(ctx, ATTACHMENTS, { file_name: 'Attachments', folder: HOME, is_attachments_folder: 1 })
}

async function ensureFolder(ctx: Context, name: string, values: Record<string, unknown>): Promise<void> {
  if (await ctx.exists('File', name)) return
  const doc = ctx.newDoc('File', { ...values, is_folder: 1 })
  trust(doc)
  await doc.insert({ ignorePermissions: true })
}
