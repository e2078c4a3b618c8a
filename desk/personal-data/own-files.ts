import type { ErasureRun, PersonToErase } from './person.ts'

const FILES_AT_ONCE = 100

/** Files of a person's that nobody else can read, such as what they had exported, go with them. */
export async function eraseOwnFiles({ user }: PersonToErase, run: ErasureRun): Promise<void> {
  let found = FILES_AT_ONCE
  while (found === FILES_AT_ONCE) {
    found = await run.write(async (ctx) => {
      const names = await ctx
        .db('tabFile')
        .where({ owner: user, is_private: 1, is_folder: 0 })
        .whereNull('attached_to_name')
        .orderBy('name')
        .limit(FILES_AT_ONCE)
        .pluck<string[]>('name')
      for (const name of names) {
        const file = await ctx.getDoc('File', name)
        await file.delete({ ignorePermissions: true, ignoreLinks: true })
      }
      return names.length
    })
  }
}
