import type { getDMMF } from '@prisma/get-dmmf'

/**
 * A schema.prisma's models as tables, in MySQL's words, as Prisma's own parser reads them. What the check does not know is an
 * error, never skipped. (`prisma migrate diff` would compare them, too, but has to download an engine for it.)
 */
export async function tablesOf(schema: string): Promise<Table[]> {
  // Not with the others: services have this package, and not its parser.
  const { getDMMF } = await import('@prisma/get-dmmf')
  const read = getDMMF({ datamodel: schema })
  if ('error' in read) throw read.error
  const { datamodel } = read
  return datamodel.models.map((model) => readModel(model, datamodel))
}

export type Table = { name: string; columns: Column[]; indexes: Index[] }
export type Column = {
  name: string
  type: string
  nullable: boolean
  autoIncrement: boolean
  hasDefault: boolean
}
export type Index = { kind: 'primary' | 'unique' | 'index'; columns: string[] }

type Datamodel = Extract<ReturnType<typeof getDMMF>, { datamodel: unknown }>['datamodel']
type Model = Datamodel['models'][number]
type Field = Model['fields'][number]

function readModel(model: Model, { enums, indexes }: Datamodel): Table {
  return {
    name: model.dbName ?? model.name,
    columns: model.fields.filter(({ kind }) => kind !== 'object').map((field) => readColumn(field, enums)),
    indexes: indexes.filter((index) => index.model === model.name).map((index) => readIndex(model, index)),
  }
}

function readIndex({ name, fields }: Model, index: Datamodel['indexes'][number]): Index {
  const kind = indexKinds[index.type]
  if (!kind) throw new Error(`${name} has a ${index.type} index, which is not known to the drift check`)
  const columnNamed = (wanted: string) => {
    const field = fields.find((candidate) => candidate.name === wanted)
    if (!field) throw new Error(`${name} has an index on ${wanted}, which it does not have`)
    return columnName(field)
  }
  return { kind, columns: index.fields.map((field) => columnNamed(field.name)) }
}

const indexKinds: Record<string, Index['kind']> = { id: 'primary', unique: 'unique', normal: 'index' }

function columnName({ name, dbName }: Field): string {
  return dbName ?? name
}

function readColumn(field: Field, enums: Datamodel['enums']): Column {
  const values = enums
    .find(({ name }) => name === field.type)
    ?.values.map(({ name, dbName }) => dbName ?? name)
  const madeBy = functionOf(field.default)
  return {
    name: columnName(field),
    type: values ? `enum(${values.map((value) => `'${value}'`).join(',')})` : columnType(field),
    nullable: !field.isRequired,
    autoIncrement: madeBy === 'autoincrement',
    // uuid(), cuid() and the like are made by the client; the database knows of none.
    hasDefault: field.hasDefaultValue && (madeBy === null || ['now', 'dbgenerated'].includes(madeBy)),
  }
}

function functionOf(value: Field['default']): string | null {
  return typeof value === 'object' && 'name' in value ? value.name : null
}

function columnType({ type, nativeType }: Field): string {
  const [native, args] = nativeType ?? []
  const written = native ? nativeTypes[native] : defaultTypes[type]
  if (!written)
    throw new Error(`schema.prisma's type ${native ? `@db.${native}` : type} is not known to the drift check`)
  const size = args && args.length > 0 ? `(${args.join(',')})` : ''
  return native === 'TinyInt' && size === '(1)' ? 'tinyint(1)' : `${written}${size}`
}

const defaultTypes: Record<string, string> = {
  String: 'varchar(191)',
  Boolean: 'tinyint(1)',
  Int: 'int',
  BigInt: 'bigint',
  Float: 'double',
  Decimal: 'decimal(65,30)',
  DateTime: 'datetime(3)',
  Json: 'json',
  Bytes: 'longblob',
}

const nativeTypes: Record<string, string> = {
  VarChar: 'varchar',
  Char: 'char',
  TinyText: 'tinytext',
  Text: 'text',
  MediumText: 'mediumtext',
  LongText: 'longtext',
  TinyInt: 'tinyint',
  SmallInt: 'smallint',
  MediumInt: 'mediumint',
  Int: 'int',
  BigInt: 'bigint',
  UnsignedTinyInt: 'tinyint unsigned',
  UnsignedSmallInt: 'smallint unsigned',
  UnsignedMediumInt: 'mediumint unsigned',
  UnsignedInt: 'int unsigned',
  UnsignedBigInt: 'bigint unsigned',
  Decimal: 'decimal',
  Double: 'double',
  Float: 'float',
  DateTime: 'datetime',
  Timestamp: 'timestamp',
  Date: 'date',
  Time: 'time',
  Json: 'json',
  Binary: 'binary',
  VarBinary: 'varbinary',
  TinyBlob: 'tinyblob',
  Blob: 'blob',
  MediumBlob: 'mediumblob',
  LongBlob: 'longblob',
}
