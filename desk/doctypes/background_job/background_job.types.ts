// Generated from background_job.json by the build: edit that file instead.

/** The fields of Background Job. */
export interface BackgroundJobFields {
  job: string | null
  status: 'Queued' | 'Running' | 'Finished' | 'Failed' | null
  user: string | null
  arguments: string | null
  run_after: string | null
  priority: number
  attempts: number
  started_at: string | null
  ended_at: string | null
  error: string | null
  error_log: string | null
  scheduled_job_type: string | null
  job_key: string | null
  waiting_key: string | null
  due: number
  claimed_by: string | null
}
