// Generated from scheduled_job_log.json by the build: edit that file instead.

/** The fields of Scheduled Job Log. */
export interface ScheduledJobLogFields {
  scheduled_job_type: string | null
  status: 'Start' | 'Complete' | 'Failed' | null
  duration: number
  details: string | null
  background_job: string | null
}
