import { localPlace } from './file-tree.ts'
import { writeBatch, type ImportRun } from './run.ts'
import { isRefusal } from './users.ts'
import { cutTo, textOf } from './values.ts'

/** Brings users' pictures where their files are given; who has one here keeps it. */
export async function importPictures(run: ImportRun): Promise<void> {
  const { files, source } = run
  if (!files) return
  for await (const rows of source.pages('User', ['user_image'], 500)) {
    for (const row of rows) {
      const url = textOf(row.user_image)
      const user = run.users.find(textOf(row.name))
      const place = localPlace(url)
      if (user === undefined || url === '' || !place) continue
      await writeBatch(run, async (ctx, tally) => {
        const here = await ctx
          .db('tabUser')
          .where({ name: user })
          .first<{ user_image: string | null } | undefined>('user_image')
        if (!here || here.user_image) return
        const content = place.isPrivate ? null : await files.read(url)
        if (!content) {
          tally.list('User', textOf(row.name), `the picture ${cutTo(url, 100)} is not among the public files`)
          return
        }
        try {
          await ctx.attempt(async () => {
            const file = await ctx.saveFile({
              name: place.name,
              content,
              isPrivate: false,
              attachedTo: { doctype: 'User', name: user, field: 'user_image' },
            })
            await ctx.setValue('User', user, { user_image: file.text('file_url') })
          })
          tally.add('File', 'brought')
        } catch (error) {
          if (!isRefusal(error)) throw error
          tally.list('User', textOf(row.name), `the picture cannot be stored here: ${error.message}`)
        }
      })
    }
  }
}
