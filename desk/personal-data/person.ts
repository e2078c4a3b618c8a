import type { JobRun } from '../jobs/job.ts'

/** Someone who is being erased. */
export interface PersonToErase {
  readonly user: string
  /** How texts call them, the longest first, so that none is left in parts. */
  readonly names: readonly string[]
}

/** Where an app erases: each `write` is a transaction of its own, in the name of whoever asked for it. */
export type ErasureRun = Pick<JobRun, 'site' | 'read' | 'write'>

/** What an erased person is called from then on. */
export const ERASED_NAME = 'Deleted'
