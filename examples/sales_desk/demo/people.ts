/** Who works in the demo; those with an address have a login. */
export const EMPLOYEES = [
  {
    first_name: 'Asha',
    last_name: 'Verma',
    email: 'asha@demo.example',
    department: 'Warehouse',
    designation: 'Head of Logistics',
    joined: '2019-03-01',
  },
  {
    first_name: 'Mikael',
    last_name: 'Lindqvist',
    email: 'mikael@demo.example',
    department: 'Sales',
    designation: 'Account Manager',
    joined: '2020-09-15',
  },
  {
    first_name: 'Rania',
    last_name: 'Haddad',
    email: 'rania@demo.example',
    department: 'Sales',
    designation: 'Customer Service',
    joined: '2021-01-11',
  },
  {
    first_name: 'Tomás',
    last_name: 'Oliveira',
    email: 'tomas@demo.example',
    department: 'Warehouse',
    designation: 'Dispatcher',
    joined: '2022-05-02',
  },
  {
    first_name: 'Ingrid',
    last_name: 'Bråthen',
    email: null,
    department: 'Accounts',
    designation: 'Bookkeeper',
    joined: '2017-08-21',
  },
  {
    first_name: '陳',
    last_name: '美玲',
    email: null,
    department: 'Purchasing',
    designation: 'Buyer',
    joined: '2023-02-06',
  },
  {
    first_name: 'Oisín',
    last_name: 'Byrne',
    email: null,
    department: 'Warehouse',
    designation: 'Forklift Operator',
    joined: '2023-10-09',
  },
  {
    first_name: 'Łucja',
    last_name: 'Zając',
    email: null,
    department: 'Management',
    designation: 'Managing Director',
    joined: '2015-01-05',
  },
] as const

/** Teams, by the first names of their members; the lead comes first. */
export const TEAMS = [
  {
    team_name: 'Logistics',
    purpose: 'Deliveries, stock and the loading bays',
    members: ['Asha', 'Tomás', 'Oisín', 'Mikael'],
  },
  { team_name: 'Key Accounts', purpose: 'The ten largest customers', members: ['Mikael', 'Rania', 'Łucja'] },
] as const
