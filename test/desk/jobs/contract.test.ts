import t from 'tap'
import { eachDatabase } from '../../support/databases.ts'
import { jobsContract } from '../../support/jobs-contract.ts'

void eachDatabase(t, 'jobs in a table do what jobs must do', (t, db) => jobsContract(t, db))
