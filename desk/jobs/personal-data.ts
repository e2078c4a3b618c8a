import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { Type } from 'typebox'
import { exportPersonalData } from '../personal-data/export.ts'
import { siteUrl } from '../site/site-url.ts'
import { defineJob } from './job.ts'

/** Writes a person's data to a private File of theirs, and mails them where it is. */
export const personalDataExport = defineJob({
  name: 'desk.jobs.personal_data_export',
  timeout: 3600,
  input: Type.Object({ user: Type.String(), origin: Type.Optional(Type.String()) }),
  async handler({ user, origin }, { site, read, write }) {
    const folder = await mkdtemp(path.join(tmpdir(), 'desk-personal-data-'))
    try {
      const file = path.join(folder, 'personal-data.json')
      await read((ctx) => pipeline(exportPersonalData(ctx, user), createWriteStream(file, { mode: 0o600 })))
      await write(async (ctx) => {
        const doc = await ctx.asUser(user).saveFile({
          name: `personal-data-${ctx.now().slice(0, 10)}.json`,
          content: createReadStream(file),
          isPrivate: true,
        })
        const { full_name, email } = (await ctx.getDoc('User', user)).plain()
        await ctx.sendMail({
          to: String(email),
          subject: `Your data at ${site.name}`,
          text: `Hello ${String(full_name)},\n\nwhat ${site.name} keeps about you is in this file, which only you can open:\n${siteUrl(site, origin)}${doc.text('file_url')}\n`,
        })
      })
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
})
