import type { Context } from '../context.ts'

/** Whether those who have not logged in may upload files (System Settings). */
export async function guestsMayUpload(ctx: Context): Promise<boolean> {
  const settings = await ctx.getDoc('System Settings', 'System Settings')
  return settings.get('allow_guests_to_upload_files') === 1
}
