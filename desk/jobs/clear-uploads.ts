import { clearLeftovers } from '../files/upkeep.ts'
import { defineJob } from './job.ts'

/** Every day: removes what interrupted uploads left behind. */
export const clearUploads = defineJob({
  name: 'desk.files.clear_uploads',
  async handler(_args, run) {
    const cleared = await clearLeftovers(run.site)
    if (cleared > 0) run.site.log.info({ cleared }, 'Leftovers of interrupted uploads are gone')
  },
})
