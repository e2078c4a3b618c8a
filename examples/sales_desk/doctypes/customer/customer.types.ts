// Generated from customer.json by the build: edit that file instead.

/** The fields of Customer. */
export interface CustomerFields {
  customer_name: string | null
  customer_group: 'Retail' | 'Wholesale' | 'Hospitality' | 'Public Sector' | null
  city: string | null
  country: string | null
  contact_person: string | null
  email: string | null
  phone: string | null
  account_manager: string | null
  notes: string | null
}
