// Generated from employee.json by the build: edit that file instead.

/** The fields of Employee. */
export interface EmployeeFields {
  employee_name: string | null
  user_id: string | null
  department: 'Sales' | 'Warehouse' | 'Purchasing' | 'Accounts' | 'Management' | null
  designation: string | null
  date_of_joining: string | null
  phone: string | null
}
