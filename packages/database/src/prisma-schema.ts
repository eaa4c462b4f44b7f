/** A schema.prisma's models as tables, in MySQL's words. Only what our schemas use: anything else is an error, never skipped. */
export function tablesOf(schema: string): Table[] {
  const enums = new Map(blocks(schema, 'enum').map(({ name, lines }) => [name, lines.filter(isField)]))
  const models = blocks(schema, 'model')
  const modelNames = new Set(models.map((model) => model.name))
  return models.map((model) => readModel(model, { enums, modelNames }))
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

type Block = { name: string; lines: string[] }
type Known = { enums: Map<string, string[]>; modelNames: Set<string> }

function blocks(schema: string, keyword: 'model' | 'enum'): Block[] {
  const found = schema.matchAll(new RegExp(`^${keyword}\\s+(\\w+)\\s*\\{\\n([^}]*)^\\}`, 'gm'))
  return [...found].map(([, name = '', body = '']) => ({
    name,
    lines: body
      .split('\n')
      .map((line) => line.replace(/\s*\/\/.*$/, '').trim())
      .filter((line) => line !== ''),
  }))
}

function isField(line: string): boolean {
  return !line.startsWith('@@')
}

function readModel({ name, lines }: Block, known: Known): Table {
  const fields = lines
    .filter(isField)
    .map(readField)
    .filter((field) => !known.modelNames.has(field.type))
  const attributes = lines.filter((line) => !isField(line)).map(readBlockAttribute)
  const columnNamed = (fieldName: string) => {
    const field = fields.find((candidate) => candidate.name === fieldName)
    if (!field) throw new Error(`${name} has an index on ${fieldName}, which it does not have`)
    return columnName(field)
  }
  const ofFields = fields.flatMap((field) => fieldIndexes(field))
  const ofBlock = attributes.flatMap(({ kind, fields: names }) =>
    kind === 'map' ? [] : [{ kind, columns: names.map(columnNamed) }],
  )
  return {
    name: attributes.find(({ kind }) => kind === 'map')?.fields[0] ?? name,
    columns: fields.map((field) => readColumn(field, known)),
    indexes: [...ofFields, ...ofBlock],
  }
}

type Field = { name: string; type: string; optional: boolean; attributes: string }

function readField(line: string): Field {
  const [, name, type, optional, attributes = ''] = /^(\w+)\s+(\w+)(?:\[\])?(\?)?\s*(.*)$/.exec(line) ?? []
  if (!name || !type) throw new Error(`Not understood in schema.prisma: ${line}`)
  return { name, type, optional: optional === '?', attributes }
}

function readBlockAttribute(line: string): { kind: Index['kind'] | 'map'; fields: string[] } {
  const [, map] = /^@@map\("(\w+)"\)/.exec(line) ?? []
  if (map) return { kind: 'map', fields: [map] }
  const [, word, list = ''] = /^@@(id|unique|index)\((?:fields:\s*)?\[([^\]]*)\]/.exec(line) ?? []
  if (!word) throw new Error(`Not understood in schema.prisma: ${line}`)
  const kind = word === 'id' ? 'primary' : word === 'unique' ? 'unique' : 'index'
  // A column may carry (sort: Desc) or (length: 20).
  return {
    kind,
    fields: list
      .replaceAll(/\([^)]*\)/g, '')
      .split(',')
      .map((field) => field.trim()),
  }
}

function columnName({ name, attributes }: Field): string {
  return /@map\("(\w+)"\)/.exec(attributes)?.[1] ?? name
}

function fieldIndexes(field: Field): Index[] {
  if (/(^|\s)@id\b/.test(field.attributes)) return [{ kind: 'primary', columns: [columnName(field)] }]
  if (/(^|\s)@unique\b/.test(field.attributes)) return [{ kind: 'unique', columns: [columnName(field)] }]
  return []
}

function readColumn(field: Field, { enums }: Known): Column {
  const enumValues = enums.get(field.type)
  return {
    name: columnName(field),
    type: enumValues ? `enum(${enumValues.map((value) => `'${value}'`).join(',')})` : columnType(field),
    nullable: field.optional,
    autoIncrement: field.attributes.includes('@default(autoincrement())'),
    hasDefault: hasDatabaseDefault(field.attributes),
  }
}

// uuid(), cuid() and the like are made by the client; the database knows of none.
function hasDatabaseDefault(attributes: string): boolean {
  const value = /@default\((.*)/.exec(attributes)?.[1]
  return value !== undefined && !/^(autoincrement|uuid|cuid|nanoid|ulid)\(/.test(value)
}

function columnType({ type, attributes }: Field): string {
  const [, native, size = ''] = /@db\.(\w+)(\([^)]*\))?/.exec(attributes) ?? []
  const written = native ? nativeTypes[native] : defaultTypes[type]
  if (!written)
    throw new Error(`schema.prisma's type ${native ? `@db.${native}` : type} is not known to the drift check`)
  return native === 'TinyInt' && size === '(1)' ? 'tinyint(1)' : `${written}${size.replaceAll(' ', '')}`
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
