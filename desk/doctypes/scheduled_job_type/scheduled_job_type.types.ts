// Generated from scheduled_job_type.json by the build: edit that file instead.

/** The fields of Scheduled Job Type. */
export interface ScheduledJobTypeFields {
  method: string | null
  frequency:
    | 'All'
    | 'Hourly'
    | 'Hourly Long'
    | 'Daily'
    | 'Daily Long'
    | 'Weekly'
    | 'Weekly Long'
    | 'Monthly'
    | 'Monthly Long'
    | 'Cron'
    | null
  cron_format: string | null
  stopped: 0 | 1
  create_log: 0 | 1
  last_execution: string | null
  current_job: string | null
  run_from: number
}
