import { Type } from 'typebox'
import { defineJob } from '../../desk/jobs/job.ts'
import { field, forManagers, type TestApp } from './fixtures-app.ts'

const number = Type.Object({ n: Type.Integer() })

/** Notes that it ran, and where. */
export const tally = defineJob({
  name: 'lab.tally',
  input: number,
  async handler({ n }, run) {
    await run.write((ctx) => ctx.insert('Tally', { n, pid: process.pid }, { ignorePermissions: true }))
  },
})

/** Hangs where the process is told to, as one does whose machine loses its power; else notes that it ran. */
export const hold = defineJob({
  name: 'lab.hold',
  input: number,
  async handler({ n }, run) {
    if (process.env.LAB_HOLD) {
      console.log('holding')
      await new Promise(() => undefined)
    }
    await run.write((ctx) => ctx.insert('Tally', { n, pid: process.pid }, { ignorePermissions: true }))
  },
})

/** An app of jobs that two processes share. */
export const jobLab: TestApp = {
  doctypes: {
    Tally: {
      permissions: forManagers,
      fields: [field('n', 'Int'), field('pid', 'Int')],
    },
  },
  jobs: [tally, hold],
}
